import type { components } from '~/api/schema'
import { $api } from '~/lib/api'

export type Import = components['schemas']['ImportRead']
export type Refusal = components['schemas']['RefusalRead']
export type CheckImport = components['schemas']['CheckImport']
export type Target = keyof CheckImport['mapping']

/** What may be taken from a file, in the order in which a form asks for it. */
export const targets = [
  'name', 'first_name', 'middle_name', 'last_name', 'name_local', 'mrn', 'phone', 'phone_2', 'gender', 'birth_date', 'birth_year', 'age', 'blood_group',
  'father_name', 'husband_name', 'relative_name', 'abha_number', 'abha_address', 'aadhaar_last4', 'passport', 'email', 'address_line', 'city', 'district',
  'state', 'postal_code', 'contact_name', 'contact_relation', 'contact_phone', 'relative_kind', 'birth_date_precision',
] as const
export type KnownTarget = (typeof targets)[number]
export type Mapping = Partial<Record<KnownTarget, number>>

export const isWorking = ({ status }: Import) => status === 'checking' || status === 'running' || status === 'undoing'
/** Whether its columns may still be told: nothing of it was taken in. */
export const isOpen = ({ status, run_at, taken }: Import) =>
  status === 'uploaded' || status === 'checked' || ((status === 'failed' || status === 'cancelled') && (run_at === null || taken === 0))
export const wasInterrupted = ({ status, run_at }: Import) => (status === 'failed' || status === 'cancelled') && run_at !== null

/** `mapping` with one column standing for another thing, which no other column stands for any more. */
export function withColumn(mapping: Mapping, column: number, target: KnownTarget | null): Mapping {
  const others = Object.entries(mapping).filter(([known, at]) => at !== column && known !== target)
  return { ...Object.fromEntries(others), ...(target ? { [target]: column } : {}) }
}

export const hasName = (mapping: Mapping) => 'name' in mapping || 'first_name' in mapping || 'last_name' in mapping

export const pathOf = (one: Import) => ({ params: { path: { import_id: one.id } } })

export const useImport = (id: string) => $api.useQuery('get', '/api/patient-imports/{import_id}', { params: { path: { import_id: id } } })
