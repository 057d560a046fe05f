import type { components } from '~/api/schema'
import { birthOf } from '~/lib/birth'
import { readDraft } from '~/lib/drafts'
import { noticeVersion } from '~/lib/privacyNotice'
import type { Gender } from './GenderChoice'

type RegisterPatient = components['schemas']['RegisterPatient']

/** Why someone is registered: in the usual way, without a name, or as the baby of a patient. */
export type Kind = { kind: 'new' } | { kind: 'unknown' } | { kind: 'baby'; mother: { id: string; name: string; phone?: string | null } }

export type Draft = {
  name: string; age: string; gender: Gender | ''; phone: string; relative_kind: string; relative_name: string; name_local: string
  language: string; blood_group: string; address_line: string; city: string; postal_code: string; abha: string; mrn: string
  contact_name: string; contact_relation: string; contact_phone: string; is_medico_legal: boolean; was_notice_shown: boolean
}

export const emptyDraft: Draft = {
  name: '', age: '', gender: '', phone: '', relative_kind: '', relative_name: '', name_local: '', language: '', blood_group: '',
  address_line: '', city: '', postal_code: '', abha: '', mrn: '', contact_name: '', contact_relation: '', contact_phone: '',
  is_medico_legal: false, was_notice_shown: false,
}

/** What this person had begun to register when the page was left; a baby's mother is not kept. */
export function keptRegistration(userId: string): Kind | null {
  const kind = (['new', 'unknown'] as const).find((one) => readDraft<Draft>(userId, `register.${one}`))
  return kind ? { kind } : null
}

const told = (text: string) => text.trim() || null

/** The form as the server takes it. A field left empty is not sent. */
export function requestOf(draft: Draft, kind: Kind, readIn: string): RegisterPatient {
  const { contact_name, contact_relation, contact_phone, abha } = draft
  const request = {
    name: told(draft.name),
    gender: draft.gender || 'unknown',
    ...birthOf(draft.age),
    phones: told(draft.phone) ? [draft.phone.trim()] : [],
    relative_kind: told(draft.relative_kind),
    relative_name: told(draft.relative_name),
    name_local: told(draft.name_local),
    language: told(draft.language),
    blood_group: told(draft.blood_group),
    address_line: told(draft.address_line),
    city: told(draft.city),
    postal_code: told(draft.postal_code),
    mrn: told(draft.mrn),
    identifiers: told(abha) ? [{ kind: 'abha_number', value: abha.trim() }] : [],
    contacts: told(contact_name) ? [{ name: contact_name.trim(), relation: told(contact_relation) ?? 'family', phone: told(contact_phone) }] : [],
    mother_id: kind.kind === 'baby' ? kind.mother.id : null,
    is_unknown: kind.kind === 'unknown',
    is_medico_legal: draft.is_medico_legal,
    privacy_notice: draft.was_notice_shown ? { version: noticeVersion, language: readIn } : null,
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null)) as unknown as RegisterPatient
}
