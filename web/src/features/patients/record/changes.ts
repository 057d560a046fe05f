import type { components } from '~/api/schema'
import { birthOf } from '~/lib/birth'
import { orNull } from '~/lib/blank'
import { noticeVersion } from '~/lib/privacyNotice'
import type { Gender } from '../GenderChoice'

type Patient = components['schemas']['PatientRead']
type ChangePatient = components['schemas']['ChangePatient']

/** What is asked apart from the notice: nobody needs to agree to be treated. */
export const purposes = ['reminders', 'research'] as const
export type Answer = '' | 'yes' | 'no'

export type Contact = { name: string; relation: string; phone: string; is_emergency: boolean; is_guardian: boolean }
export type Details = {
  version: number
  name: string; name_local: string; gender: Gender; birth: string; relative_kind: string; relative_name: string; phones: string[]; email: string
  blood_group: string; language: string; abha: string; address_line: string; city: string; district: string; state: string; postal_code: string
  contacts: Contact[]; is_deceased: boolean; was_notice_shown: boolean; reminders: Answer; research: Answer
}

export const noContact: Contact = { name: '', relation: '', phone: '', is_emergency: true, is_guardian: false }

/** The record as its form shows it. An age that was only estimated is shown as an age. */
export function detailsOf(patient: Patient): Details {
  const said = (purpose: string): Answer => {
    const consent = patient.consents.find((one) => one.purpose === purpose)
    return consent ? (consent.is_given ? 'yes' : 'no') : ''
  }
  return {
    version: patient.version,
    name: patient.name, name_local: patient.name_local ?? '', gender: patient.gender as Gender, birth: birthText(patient),
    relative_kind: patient.relative_kind ?? '', relative_name: patient.relative_name ?? '',
    phones: patient.phones.length ? patient.phones.map(({ number }) => number) : [''], email: patient.email ?? '',
    blood_group: patient.blood_group ?? '', language: patient.language, abha: patient.identifiers.find(({ kind }) => kind === 'abha_number')?.value ?? '',
    address_line: patient.address_line ?? '', city: patient.city ?? '', district: patient.district ?? '', state: patient.state ?? '',
    postal_code: patient.postal_code ?? '',
    contacts: patient.contacts.map((one) => ({ name: one.name, relation: one.relation, phone: one.phone ?? '', is_emergency: one.is_emergency, is_guardian: one.is_guardian })),
    is_deceased: patient.is_deceased, was_notice_shown: false, reminders: said('reminders'), research: said('research'),
  }
}

/** "1990-04-12" as the form's hint writes it: 12/4/1990. */
const dayFirst = (date: string) => date.split('-').reverse().map(Number).join('/')

const birthText = ({ birth_date, birth_date_precision, age_years }: Patient) => (birth_date_precision === 'day' ? dayFirst(birth_date ?? '') : age_years == null ? '' : `${age_years}`)

/** Only what differs from the record is sent, so that two who change different things do not undo each other. */
export function changesOf(before: Patient, now: Details, readIn: string): ChangePatient {
  const was = detailsOf(before)
  const changes: ChangePatient = {}
  for (const field of ['name_local', 'relative_name', 'email', 'address_line', 'city', 'district', 'state', 'postal_code'] as const) {
    if (now[field].trim() !== was[field]) changes[field] = orNull(now[field])
  }
  if (now.name.trim() !== was.name) changes.name = now.name.trim()
  if (now.gender !== was.gender) changes.gender = now.gender
  if (now.language !== was.language) changes.language = now.language
  if (now.is_deceased !== was.is_deceased) changes.is_deceased = now.is_deceased
  if (now.relative_kind !== was.relative_kind) changes.relative_kind = (now.relative_kind || null) as ChangePatient['relative_kind']
  if (now.blood_group !== was.blood_group) changes.blood_group = (now.blood_group || null) as ChangePatient['blood_group']
  if (now.birth.trim() !== was.birth) Object.assign(changes, birthOf(now.birth))
  const phones = now.phones.map((one) => one.trim()).filter(Boolean)
  if (differ(phones, before.phones.map(({ number }) => number))) changes.phones = phones
  if (differ(now.contacts, was.contacts)) changes.contacts = now.contacts.filter(({ name }) => name.trim()).map((one) => ({ ...one, name: one.name.trim(), relation: one.relation.trim(), phone: orNull(one.phone) }))
  if (now.abha.trim() !== was.abha) changes.identifiers = identifiersWith(before, now.abha.trim())
  if (now.was_notice_shown) changes.privacy_notice = { version: noticeVersion, language: readIn }
  const consents = purposes.filter((purpose) => now[purpose] && now[purpose] !== was[purpose]).map((purpose) => ({ purpose, is_given: now[purpose] === 'yes' }))
  if (consents.length) changes.consents = consents
  return changes
}

const differ = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other)

function identifiersWith(before: Patient, abha: string) {
  const others = before.identifiers.filter(({ kind }) => kind !== 'abha_number')
  return [...others, ...(abha ? [{ kind: 'abha_number', system: '', value: abha }] : [])] as ChangePatient['identifiers']
}
