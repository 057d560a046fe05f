import { $api } from '~/lib/api'
import { addDays, dayOf, instantOf } from '~/lib/wallTime'
import type { ColumnDay, Doctor } from '../columns/columnsDay'
import { scaleOf, spanOf, type Scale } from '../columns/layout'

export type WeekDay = ColumnDay & { day: string }

/** A doctor's slots, visits and absences of these days, each in its own column. Three requests for all of them. */
export function useWeek(doctor: Doctor, facility_id: string, days: readonly string[], timeZone: string) {
  const first = days[0] ?? ''
  const query = { practitioner_id: doctor.id, facility_id, from: instantOf(first, '00:00', timeZone), to: instantOf(addDays(days.at(-1) ?? first, 1), '00:00', timeZone) }
  const slots = $api.useQuery('get', '/api/slots', { params: { query } })
  const visits = $api.useQuery('get', '/api/appointments', { params: { query: { ...query, limit: 200 } } })
  const absences = $api.useQuery('get', '/api/schedule-exceptions', { params: { query: { ...query, limit: 200 } } })
  const parts = [slots, visits, absences]
  const onDay = <T extends { starts_at: string }>(some: readonly T[] | undefined, day: string) => some?.filter(({ starts_at }) => dayOf(starts_at, timeZone) === day)
  const columns: WeekDay[] = days.map((day) => ({
    day,
    doctor,
    slots: onDay(slots.data?.items, day),
    visits: onDay(visits.data?.items, day)?.filter(({ status }) => status !== 'cancelled'),
    absences: absences.data?.items.filter(({ kind, ...span }) => kind !== 'extra' && touches(span, day, timeZone)) ?? [],
    error: null,
    retry: () => undefined,
  }))
  return {
    columns,
    isLoading: parts.some((part) => part.isLoading),
    error: parts.find((part) => part.error && !part.data)?.error,
    retry: () => parts.forEach((part) => void (part.error && part.refetch())),
  }
}

const touches = ({ starts_at, ends_at }: { starts_at: string; ends_at: string }, day: string, timeZone: string) =>
  Date.parse(starts_at) < Date.parse(instantOf(addDays(day, 1), '00:00', timeZone)) && Date.parse(ends_at) > Date.parse(instantOf(day, '00:00', timeZone))

const halfDay_ms = 12 * 3_600_000

/**
 * One height for the same wall time on every day. Counted from noon: on the day that a clock changes, in the night, the
 * hours of the day still stand beside those of the other days.
 */
export function scalesOf(columns: readonly WeekDay[], timeZone: string): Map<string, Scale> {
  const noon = (day: string) => Date.parse(instantOf(day, '12:00', timeZone))
  const fromNoon = columns.flatMap(({ day, slots = [], visits = [] }) =>
    [...slots, ...visits].map(spanOf).map(({ from, to }) => ({ from: from - noon(day) + halfDay_ms, to: to - noon(day) + halfDay_ms })),
  )
  const minutes = columns.flatMap(({ slots = [] }) => slots.filter(({ kind }) => kind === 'slot').map((slot) => (spanOf(slot).to - spanOf(slot).from) / 60_000))
  const { from, to, pxPerMinute } = scaleOf(0, fromNoon, minutes.length ? Math.min(...minutes) : 20)
  return new Map(columns.map(({ day }) => [day, { from: noon(day) - halfDay_ms + from, to: noon(day) - halfDay_ms + to, pxPerMinute }]))
}
