import { expect, it } from 'vitest'
import { dropDraft, saveDraft } from '~/lib/drafts'
import { emptyDraft, keptRegistration, requestOf } from './newPatient'

it('sends what was typed and nothing else', () => {
  const draft = { ...emptyDraft, name: ' Asha Pawar ', age: '34', gender: 'female' as const, phone: '90000 44556' }
  expect(requestOf(draft, { kind: 'new' }, 'en')).toEqual({
    name: 'Asha Pawar', gender: 'female', age_years: 34, phones: ['90000 44556'], identifiers: [], contacts: [], is_unknown: false, is_medico_legal: false,
  })
})

it('says that the notice was shown only where it was', () => {
  expect(requestOf({ ...emptyDraft, was_notice_shown: true }, { kind: 'new' }, 'hi').privacy_notice).toEqual({ version: '1', language: 'hi' })
  expect(requestOf(emptyDraft, { kind: 'new' }, 'hi')).not.toHaveProperty('privacy_notice')
})

it('takes a nameless patient and a baby', () => {
  expect(requestOf(emptyDraft, { kind: 'unknown' }, 'en')).toMatchObject({ is_unknown: true, gender: 'unknown' })
  expect(requestOf(emptyDraft, { kind: 'baby', mother: { id: 'm1', name: 'Sunita' } }, 'en')).toMatchObject({ mother_id: 'm1' })
})

it('knows what a reload cut off, for the one who typed it', () => {
  expect(keptRegistration('u1')).toBeNull()
  saveDraft('u1', 'register.new', { ...emptyDraft, name: 'Asha' })
  expect(keptRegistration('u1')).toEqual({ kind: 'new' })
  expect(keptRegistration('u2')).toBeNull()
  dropDraft('u1', 'register.new')
  expect(keptRegistration('u1')).toBeNull()
})
