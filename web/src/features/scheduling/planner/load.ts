import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { addDays } from '~/lib/wallTime'

export type Load = components['schemas']['LoadRead']
export type PractitionerLoad = components['schemas']['PractitionerLoad']

/** Minutes used of minutes offered; null where none were offered. */
export const percentOf = ({ minutes_used, minutes_offered }: Load) => (minutes_offered ? Math.round((minutes_used / minutes_offered) * 100) : null)

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  return addDays(day, -((weekday + 6) % 7))
}

export const weekOf = (day: string) => Array.from({ length: 7 }, (_, nth) => addDays(mondayOf(day), nth))

/** How full these days are. facilityId '': at every branch. */
export function useLoad(facilityId: string, from: string, to: string, isWanted = true) {
  const query = { from, to, ...(facilityId ? { facility_id: facilityId } : {}) }
  return $api.useQuery('get', '/api/practitioner-load', { params: { query } }, { enabled: isWanted && can('schedule.read') })
}

export const loadAt = (loads: readonly PractitionerLoad[] | undefined, practitionerId: string, facilityId: string) =>
  loads?.find((one) => one.practitioner_id === practitionerId && one.facility_id === facilityId)
