import i18next from 'i18next'
import { api } from '~/lib/api'
import type { FindSource } from '~/lib/find'

/** Today's and the coming visits of those whom the text finds: also of a scanned slip's UHID. */
export const findVisits: FindSource = {
  id: 'visits',
  label: 'staff:find.visits',
  can: 'visit.receive',
  async search(search, signal) {
    const { data } = await api.POST('/api/appointments/search', { body: { search, limit: 5 }, signal })
    return (data?.items ?? []).map(({ id, patient, practitioner_name, token, facility_id, starts_at }) => ({
      id, title: patient?.name ?? '', at: starts_at,
      detail: [practitioner_name, token && i18next.t('staff:find.token', { number: token.number })].filter(Boolean).join(' · '),
      to: `/desk?${new URLSearchParams({ facility: facility_id, visit: id })}`,
    }))
  },
}
