import { expect, it } from 'vitest'
import type { components } from '~/api/schema'
import { changesOf, detailsOf, noContact } from './changes'

const patient = {
  version: 3, name: 'Kavita Rane', name_local: null, gender: 'female', birth_date: '1990-04-12', birth_date_precision: 'day', age_years: 36, relative_kind: null,
  relative_name: null, phones: [{ number: '90000 11207', e164: '+919000011207' }], email: null, blood_group: null, language: 'mr',
  identifiers: [{ kind: 'passport', system: '', value: 'Z000' }, { kind: 'abha_number', system: '', value: '91-0000-0000-0007' }], address_line: null, city: 'Pune',
  district: null, state: null, postal_code: null, contacts: [], is_deceased: false, consents: [{ purpose: 'research', is_given: true }],
} as unknown as components['schemas']['PatientRead']

it('sends nothing where nothing was changed', () => {
  expect(changesOf(patient, detailsOf(patient), 'en')).toEqual({})
})

it('sends only what was changed, and empties what was emptied', () => {
  const typed = { ...detailsOf(patient), city: '', birth: '40', phones: ['90000 11207', ' 90000 11209 ', ''] }
  expect(changesOf(patient, typed, 'en')).toEqual({ city: null, age_years: 40, phones: ['90000 11207', '90000 11209'] })
})

it('keeps the other numbers when the ABHA number goes', () => {
  expect(changesOf(patient, { ...detailsOf(patient), abha: '' }, 'en')).toEqual({ identifiers: [{ kind: 'passport', system: '', value: 'Z000' }] })
})

it('asks optional purposes apart: a new answer is sent, an old one is not repeated', () => {
  const typed = { ...detailsOf(patient), was_notice_shown: true, reminders: 'no' as const, contacts: [{ ...noContact, name: ' Suresh ', relation: 'husband', is_guardian: true }] }
  expect(changesOf(patient, typed, 'hi')).toEqual({
    privacy_notice: { version: '1', language: 'hi' },
    consents: [{ purpose: 'reminders', is_given: false }],
    contacts: [{ name: 'Suresh', relation: 'husband', phone: null, is_emergency: true, is_guardian: true }],
  })
})
