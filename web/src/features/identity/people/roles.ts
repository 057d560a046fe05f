import type { components } from '~/api/schema'

type Role = components['schemas']['Role']

/** What a hospital's administrator may give; patients come by registration, the platform's own by the operator. */
export const grantedRoles = [
  'receptionist', 'doctor', 'nurse', 'pharmacist', 'cashier', 'lab_technician', 'privacy_officer', 'hospital_admin',
] as const satisfies readonly Role[]

export type GrantedRole = (typeof grantedRoles)[number]
/** How a role of the hospital's own stands in a list of choices. */
const own = 'own:'
export const ownRoleChoice = (id: string) => own + id
/** What a chosen role is in a membership's body. */
export const chosenRole = (value: string) => (value.startsWith(own) ? { custom_role_id: value.slice(own.length) } : { role: asRole(value) })

export const asRole = (value: string): GrantedRole => grantedRoles.find((role) => role === value) ?? 'receptionist'

/** A role "until" a day holds through that day. */
export type NewRole = { role: string; facility_id: string | null; until: string }
export const newRole = (): NewRole => ({ role: 'receptionist', facility_id: null, until: '' })
