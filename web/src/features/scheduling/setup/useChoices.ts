import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { bookableChoices, bookableInFull, bookableWord } from '../bookable'

const all = { params: { query: { limit: 200 } } }

/** The doctors, services and branches to choose from. */
export function useChoices() {
  const { t } = useTranslation('scheduling')
  const practitioners = $api.useQuery('get', '/api/practitioners', all)
  const facilities = $api.useQuery('get', '/api/facilities', all)
  const who = practitioners.data?.items ?? []
  return {
    practitioners: bookableChoices(who, ({ id }) => id, t, bookableInFull),
    bookableWord: bookableWord(who, t),
    minutesOf: (id: string | null) => who.find((one) => one.id === id)?.visit_minutes ?? null,
    nameOf: (id: string | null) => who.filter((one) => one.id === id).map(bookableInFull)[0],
    facilities: (facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
  }
}
