import i18next from 'i18next'
import { ageSex } from '~/lib/ageSex'
import { api } from '~/lib/api'
import type { FindSource } from '~/lib/find'

/** Patients by name, phone, UHID or a scan, for the search box of every page. */
export const findPatients: FindSource = {
  id: 'patients',
  label: 'staff:find.patients',
  can: 'patient.read',
  async search(search, signal) {
    const { data } = await api.POST('/api/patients/search', { body: { search, all: true, is_active: true, skip: 0, limit: 6 }, signal })
    return (data?.items ?? []).map((patient) => ({ id: patient.id, title: patient.name, detail: `${ageSex(patient, i18next.t)} · ${patient.mrn}`, to: `/patients/${patient.id}` }))
  },
}
