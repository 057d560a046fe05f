import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'

export type Entry = components['schemas']['WaitlistEntryRead']
type Whom = Pick<Entry, 'practitioner_name' | 'department_name' | 'department_name_hi' | 'specialty'>

/** Whom they wait for: a doctor, or any of a department or specialty. */
export function useWhomOf() {
  const { t, i18n } = useTranslation('scheduling')
  return ({ practitioner_name, department_name, department_name_hi, specialty }: Whom) =>
    practitioner_name ?? t('waitlist.anyOf', { name: (i18n.language === 'hi' && department_name_hi) || (department_name ?? specialty) })
}

/** Who has an offer to answer comes first, the one that ends soonest before the others. */
export const withOfferFirst = <E extends Pick<Entry, 'offer'>>(entries: readonly E[]) => [...entries].sort((a, b) => (a.offer?.expires_at ?? '9').localeCompare(b.offer?.expires_at ?? '9'))
