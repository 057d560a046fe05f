import { api } from '~/lib/api'
import type { FindSource } from '~/lib/find'

/** Doctors by name or specialty; their day is where one goes. */
export const findPractitioners: FindSource = {
  id: 'practitioners',
  label: 'staff:find.practitioners',
  can: 'appointment.read',
  async search(search, signal) {
    const { data } = await api.GET('/api/practitioners', { params: { query: { search, is_active: true, limit: 4 } }, signal })
    return (data?.items ?? []).map(({ id, title, name, specialty, facilities }) => ({
      id, title: `${title} ${name}`.trim(), detail: specialty ?? undefined, to: `/schedule?${new URLSearchParams({ facility: facilities[0]?.facility_id ?? '', doctors: id })}`,
    }))
  },
}

/** Everybody who works here and is no doctor; where one may change them, their record opens. */
export const findStaff: FindSource = {
  id: 'staff',
  label: 'staff:find.staff',
  can: 'staff.manage',
  async search(search, signal) {
    const { data } = await api.GET('/api/staff', { params: { query: { search, is_active: true, limit: 4 } }, signal })
    return (data?.items ?? []).map(({ id, name, designation }) => ({ id, title: name, detail: designation ?? undefined, to: `/setup/staff?${new URLSearchParams({ open: id })}` }))
  },
}
