import type { components } from '~/api/schema'
import { orNull } from '~/lib/blank'

export type Practitioner = components['schemas']['PractitionerRead']
export type PractitionerValues = ReturnType<typeof valuesOf>

/** "600" or "1,250.50" rupees to paise, without a float; null where it is no amount. */
export function paiseOf(typed: string): number | null {
  const [, whole, part = ''] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(typed.replace(/[\s,₹]/g, '') || '0') ?? []
  return whole === undefined ? null : Number(whole) * 100 + Number(part.padEnd(2, '0'))
}

/** 60000 → "600", 125050 → "1250.50" */
export const rupeesTyped = (paise: number) => `${Math.trunc(paise / 100)}${paise % 100 ? `.${String(paise % 100).padStart(2, '0')}` : ''}`

/** "English, Marathi ,": each once, none empty. */
export const listOf = (typed: string) => [...new Set(typed.split(',').map((one) => one.trim()).filter(Boolean))]

export const valuesOf = (one: Practitioner | null, facilityIds: readonly string[]) => ({
  title: one?.title ?? 'Dr',
  name: one?.name ?? '',
  gender: one?.gender ?? 'unknown',
  specialty: one?.specialty ?? '',
  department_id: one?.department_id ?? null,
  registration_number: one?.registration_number ?? '',
  registration_council: one?.registration_council ?? '',
  qualifications: (one?.qualifications ?? []).map(({ degree, institution, year }) => ({ degree, institution: institution ?? '', year: year ? String(year) : '' })),
  languages: (one?.languages ?? []).join(', '),
  practising_since: one?.practising_since ? String(one.practising_since) : '',
  fee: one ? rupeesTyped(one.consultation_fee_paise) : '',
  phone: one?.phone ?? '',
  email: one?.email ?? '',
  facilities: one
    ? one.facilities.map(({ facility_id, room, floor }) => ({ facility_id, room: room ?? '', floor: floor ?? '' }))
    : facilityIds.slice(0, 1).map((facility_id) => ({ facility_id, room: '', floor: '' })),
})

const genders = ['male', 'female', 'other', 'unknown'] as const
type Gender = (typeof genders)[number]
const asGender = (typed: string): Gender => genders.find((one) => one === typed) ?? 'unknown'

export const bodyOf = (values: PractitionerValues) => ({
  title: values.title.trim(),
  name: values.name.trim(),
  gender: asGender(values.gender),
  specialty: orNull(values.specialty),
  department_id: values.department_id,
  registration_number: orNull(values.registration_number),
  registration_council: orNull(values.registration_council),
  qualifications: values.qualifications
    .filter(({ degree }) => degree.trim())
    .map(({ degree, institution, year }) => ({ degree: degree.trim(), institution: orNull(institution), year: year ? Number(year) : null })),
  languages: listOf(values.languages),
  practising_since: values.practising_since ? Number(values.practising_since) : null,
  consultation_fee_paise: paiseOf(values.fee) ?? 0,
  phone: orNull(values.phone),
  email: orNull(values.email),
  facilities: values.facilities.map(({ facility_id, room, floor }) => ({ facility_id, room: orNull(room), floor: orNull(floor) })),
})
