import type { components } from '~/api/schema'

type Role = components['schemas']['Role']

/** What a hospital's administrator may give; patients come by registration, the platform's own by the operator. */
export const grantedRoles = [
  'receptionist', 'doctor', 'nurse', 'pharmacist', 'cashier', 'lab_technician', 'privacy_officer', 'hospital_admin',
] as const satisfies readonly Role[]

export type GrantedRole = (typeof grantedRoles)[number]
export const asRole = (value: string): GrantedRole => grantedRoles.find((role) => role === value) ?? 'receptionist'

/** A role "until" a day holds through that day. */
export type NewRole = { role: string; facility_id: string | null; until: string }
export const newRole = (): NewRole => ({ role: 'receptionist', facility_id: null, until: '' })
