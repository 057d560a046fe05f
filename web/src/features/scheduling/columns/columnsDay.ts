import { useQueries } from '@tanstack/react-query'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { boundsOf } from '~/lib/wallTime'
import type { Appointment } from '../queue/queueOf'

export type Slot = components['schemas']['SlotRead']
export type Absence = components['schemas']['ExceptionRead']
export type DoctorToday = components['schemas']['PractitionerToday']
export type { Appointment }

/** A doctor, or a service, as a column's head names them. */
export type Doctor = { id: string; kind: string; name: string; specialty: string | null; room: string | null }

export type ColumnDay = {
  doctor: Doctor
  slots: Slot[] | undefined
  visits: Appointment[] | undefined
  absences: Absence[]
  error: unknown
  retry: () => void
}

/** One day of up to five doctors: their times, who is booked, when they are away. */
export function useColumnDays(doctors: readonly Doctor[], facility_id: string, day: string, timeZone: string): ColumnDay[] {
  const bounds = boundsOf(day, timeZone)
  const of = ({ id }: Doctor) => ({ params: { query: { practitioner_id: id, facility_id, ...bounds } } })
  const ofAll = ({ id }: Doctor) => ({ params: { query: { practitioner_id: id, facility_id, ...bounds, limit: 200 } } })
  const slots = useQueries({ queries: doctors.map((doctor) => $api.queryOptions('get', '/api/slots', of(doctor))) })
  const visits = useQueries({ queries: doctors.map((doctor) => $api.queryOptions('get', '/api/appointments', ofAll(doctor))) })
  const absences = useQueries({ queries: doctors.map((doctor) => $api.queryOptions('get', '/api/schedule-exceptions', ofAll(doctor))) })
  return doctors.map((doctor, nth) => {
    const parts = [slots[nth], visits[nth], absences[nth]]
    return {
      doctor,
      slots: slots[nth]?.data?.items,
      visits: visits[nth]?.data?.items.filter(({ status }) => status !== 'cancelled'),
      absences: absences[nth]?.data?.items.filter(({ kind }) => kind !== 'extra') ?? [],
      error: parts.find((part) => part?.error)?.error,
      retry: () => parts.forEach((part) => void (part?.error && part.refetch())),
    }
  })
}
