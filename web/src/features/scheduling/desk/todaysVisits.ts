import type { components } from '~/api/schema'
import { stateOf } from '../queue'
import { isOver } from '../status'

export type Visit = components['schemas']['AppointmentRead']
export type Practitioner = components['schemas']['PractitionerToday']
export type Show = 'all' | 'waiting' | 'expected' | 'over'
/** What the list can show: a part of today, or what waits to be confirmed on any day. */
export type Shown = Show | 'pending'

const waiting = ['arrived', 'checked-in', 'called', 'skipped', 'in-consultation']

/** Which part of the day a visit belongs to: in the building, still to come, or over. */
export function partOf(visit: Visit): Exclude<Show, 'all'> {
  const state = stateOf(visit)
  if (waiting.includes(state)) return 'waiting'
  return isOver(state) ? 'over' : 'expected'
}

const parts = ['waiting', 'expected', 'over'] as const
const first = ['in-consultation', 'called']
const turn = (visit: Visit) => (first.includes(stateOf(visit)) ? first.indexOf(stateOf(visit)) : first.length)

/** In a session without clock times all begin at once: who goes first goes first, then by the number. */
const place = ({ token }: Visit) => (token?.is_priority ? 0 : (token?.number ?? Infinity))

/** With the doctor first, then who was called, who waits, who is expected, and what is over; each by its time. */
export const inOrder = (visits: readonly Visit[]): Visit[] =>
  [...visits].sort(
    (one, other) =>
      parts.indexOf(partOf(one)) - parts.indexOf(partOf(other)) ||
      turn(one) - turn(other) ||
      Date.parse(one.starts_at) - Date.parse(other.starts_at) ||
      (place(one) < place(other) ? -1 : Number(place(one) > place(other))),
  )

export const countsOf = (visits: readonly Visit[]): Record<Show, number> => ({
  all: visits.length,
  waiting: visits.filter((visit) => partOf(visit) === 'waiting').length,
  expected: visits.filter((visit) => partOf(visit) === 'expected').length,
  over: visits.filter((visit) => partOf(visit) === 'over').length,
})

export type Step = 'arrived' | 'checkIn' | 'call' | 'recall' | 'confirm' | 'print'

const night_ms = 6 * 60 * 60_000
/** Whether the visit is of today by the branch's date, or of a night that goes on past midnight. The server knows for sure. */
export const isOfToday = ({ starts_at }: Visit, dayOf: (at: number | string) => string, now: number) => dayOf(starts_at) === dayOf(now) || Math.abs(Date.parse(starts_at) - now) < night_ms

/** The one thing that the desk does next for this visit; null where it is the doctor's turn, or nothing is left. Of another day a visit is only confirmed. */
export function stepOf(visit: Visit, isToday = true): Step | null {
  if (visit.status === 'pending') return 'confirm'
  if (!isToday) return null
  if (visit.status === 'booked') return 'arrived'
  if (visit.status === 'arrived') return 'checkIn'
  if (visit.status === 'checked-in') {
    if (visit.token?.status === 'waiting' || visit.token?.status === 'skipped') return 'call'
    return visit.token?.status === 'called' ? 'recall' : null
  }
  return visit.status === 'fulfilled' && visit.token ? 'print' : null
}

/** What is still to be paid; a visit that did not happen costs nothing. */
export const dueOf = ({ fee_paise, receipt, status }: Visit): number => (receipt || status === 'cancelled' || status === 'noshow' ? 0 : fee_paise)

const waits = ['waiting', 'called', 'skipped']
/** Whether a number can be put first, or back where it stood. */
export const canGoFirst = ({ token }: Visit) => token !== null && waits.includes(token.status)
export const canSkip = ({ token }: Visit) => token !== null && ['waiting', 'called'].includes(token.status)
export const canMove = ({ status }: Visit) => status === 'pending' || status === 'booked'
export const canCancel = ({ status }: Visit) => ['pending', 'booked', 'arrived', 'checked-in'].includes(status)
