import type { TFunction } from 'i18next'

export type Bookable = { kind?: string; title: string; name: string; specialty?: string | null }

/** "Dr Kavita Iyer"; a service has no title: "X-ray". */
export const bookableName = ({ title, name }: { title: string; name: string }) => `${title} ${name}`.trim()

export const isService = ({ kind }: { kind?: string }) => kind === 'service'

/** What a field or column of these is called: where the hospital has services, it says so. */
export const bookableWord = (list: readonly { kind?: string }[] | undefined, t: TFunction<'scheduling'>) => t(list?.some(isService) ? 'bookable.either' : 'bookable.doctor')

/** The choices of a field: doctors, and under a head of their own the services, where there are any. */
export function bookableChoices<One extends Bookable>(list: readonly One[], idOf: (one: One) => string, t: TFunction<'scheduling'>, labelOf: (one: One) => string = bookableName) {
  const options = (some: readonly One[]) => some.map((one) => ({ value: idOf(one), label: labelOf(one) }))
  const services = list.filter(isService)
  if (services.length === 0) return options(list)
  const doctors = list.filter((one) => !isService(one))
  return [
    { group: t('bookable.doctors'), items: options(doctors) },
    { group: t('bookable.services'), items: options(services) },
  ].filter(({ items }) => items.length > 0)
}

/** "Dr Kavita Iyer, General medicine" */
export const bookableInFull = (one: Bookable) => [bookableName(one), one.specialty].filter(Boolean).join(', ')
