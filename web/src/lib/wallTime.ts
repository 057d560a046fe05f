/** Days and wall times in a facility's zone. A day is "2026-11-23"; an instant is ISO 8601 with its zone. */

const wallParts = new Map<string, Intl.DateTimeFormat>()

function wall(timeZone: string): Intl.DateTimeFormat {
  let format = wallParts.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    })
    wallParts.set(timeZone, format)
  }
  return format
}

function wallOf(instant: number, timeZone: string) {
  const parts = Object.fromEntries(wall(timeZone).formatToParts(instant).map(({ type, value }) => [type, value]))
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}`, second: parts.second }
}

/** How far its clock is ahead of UTC at this instant, in ms. */
export function offsetOf(instant: number, timeZone: string): number {
  const { day, time, second } = wallOf(instant, timeZone)
  return Date.parse(`${day}T${time}:${second}Z`) - Math.floor(instant / 1000) * 1000
}

/** Which day it is there. */
export const dayOf = (instant: number | string, timeZone: string) => wallOf(new Date(instant).getTime(), timeZone).day

export function addDays(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + count)
  return date.toISOString().slice(0, 10)
}

/** The instant of a wall time there. In the hour that a clock change repeats, the first; in the one that it skips, just after. */
export function instantOf(day: string, time: string, timeZone: string): string {
  const asIfUtc = Date.parse(`${day}T${time}:00Z`)
  const offsetAt = (instant: number) => offsetOf(instant, timeZone)
  const candidates = [asIfUtc - offsetAt(asIfUtc - 86_400_000), asIfUtc - offsetAt(asIfUtc + 86_400_000)]
  const exact = candidates.filter((instant) => instant + offsetAt(instant) === asIfUtc)
  return new Date(exact.length ? Math.min(...exact) : Math.max(...candidates)).toISOString()
}

/** From its midnight to the next, for `from` and `to` of a query. */
export const boundsOf = (day: string, timeZone: string) => ({
  from: instantOf(day, '00:00', timeZone),
  to: instantOf(addDays(day, 1), '00:00', timeZone),
})
