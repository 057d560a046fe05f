import type { components } from '~/api/schema'

export type Entry = components['schemas']['WaitlistEntryRead']

/** Whom they wait for: a doctor, or any of a department or specialty. */
export const whomOf = ({ practitioner_name, department_name, specialty }: Pick<Entry, 'practitioner_name' | 'department_name' | 'specialty'>) => practitioner_name ?? department_name ?? specialty ?? ''

/** Who has an offer to answer comes first, the one that ends soonest before the others. */
export const withOfferFirst = <E extends Pick<Entry, 'offer'>>(entries: readonly E[]) => [...entries].sort((a, b) => (a.offer?.expires_at ?? '9').localeCompare(b.offer?.expires_at ?? '9'))
