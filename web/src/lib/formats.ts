import { addDays, dayOf } from './wallTime'

/** How things are written. Digits are Latin in every language; months and weekdays are the language's own. */

export type Place = { language: string; timeZone: string }

const localeOf = (language: string) => (language === 'hi' ? 'hi-IN-u-nu-latn' : 'en-US')
const cache = new Map<string, Intl.DateTimeFormat>()

function part(instant: number, { language, timeZone }: Place, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify([language, timeZone, options])
  let format = cache.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(localeOf(language), { timeZone, ...options })
    cache.set(key, format)
  }
  return format.format(instant)
}

const instant = (at: number | string | Date) => new Date(at).getTime()
const middayOf = (day: string) => Date.parse(`${day}T12:00:00Z`)

/** 10:52 */
export const time = (at: number | string | Date, place: Place) => part(instant(at), place, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

function words(at: number, place: Place, month: 'short' | 'long', weekday: boolean, year: boolean): string {
  return [
    weekday && part(at, place, { weekday: 'short' }),
    part(at, place, { day: 'numeric' }),
    part(at, place, { month }),
    year && part(at, place, { year: 'numeric' }),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Mon 23 Nov */
export const dayShort = (at: number | string | Date, place: Place) => words(instant(at), place, 'short', true, false)
/** Mon 23 November */
export const dayLong = (at: number | string | Date, place: Place) => words(instant(at), place, 'long', true, false)
/** 16 Nov 2026 */
export const date = (at: number | string | Date, place: Place) => words(instant(at), place, 'short', false, true)

/** The same for a bare day ("2026-11-23"), which has no zone: a birth date, a column's head. */
export const bareDay = (day: string, language: string, how: 'short' | 'long' | 'date' = 'short') =>
  ({ short: dayShort, long: dayLong, date })[how](middayOf(day), { language, timeZone: 'UTC' })

/** Today 10:52, Tue 09:20 within the week, else 4 Dec 16:30, with the year where it is another. `today` and `tomorrow` are the language's words. */
export function near(at: number | string | Date, now: number, place: Place, say: { today: string; tomorrow: string }): string {
  const day = dayOf(instant(at), place.timeZone)
  const today = dayOf(now, place.timeZone)
  if (day === today) return `${say.today} ${time(at, place)}`
  if (day === addDays(today, 1)) return `${say.tomorrow} ${time(at, place)}`
  if (day > today && day < addDays(today, 7)) return `${part(instant(at), place, { weekday: 'short' })} ${time(at, place)}`
  return `${words(instant(at), place, 'short', false, day.slice(0, 4) !== today.slice(0, 4))} ${time(at, place)}`
}

/** Today, Tomorrow, Fri 27 Nov; 8 Jan 2027 in another year. */
export function day(at: number | string | Date, now: number, place: Place, say: { today: string; tomorrow: string }): string {
  const [wanted, today] = [dayOf(instant(at), place.timeZone), dayOf(now, place.timeZone)]
  if (wanted === today) return say.today
  if (wanted === addDays(today, 1)) return say.tomorrow
  return wanted.slice(0, 4) === today.slice(0, 4) ? dayShort(at, place) : date(at, place)
}

/** ₹1,84,000, with paise only where there are some. From integer paise, never a float. */
export function rupees(paise: number): string {
  const whole = Math.trunc(Math.abs(paise) / 100)
  const rest = Math.abs(paise) % 100
  const sign = paise < 0 ? '−' : ''
  return `${sign}₹${whole.toLocaleString('en-IN')}${rest ? `.${String(rest).padStart(2, '0')}` : ''}`
}

/** 128 → 128; 1284000 → 12,84,000 */
export const count = (n: number) => n.toLocaleString('en-IN')

/** 90000 11207 for an Indian mobile; any other number as it was recorded. */
export function phone(recorded: string): string {
  const digits = recorded.replace(/[\s()-]/g, '')
  const indian = /^(?:\+?91|0)?([6-9]\d{9})$/.exec(digits)?.[1]
  return indian ? `${indian.slice(0, 5)} ${indian.slice(5)}` : recorded
}

/** Completed years, months and days between a birth day and today. */
export function ageOf(birthDay: string, today: string): { years: number; months: number; days: number } {
  const [by = 0, bm = 1, bd = 1] = birthDay.split('-').map(Number)
  const [ty = 0, tm = 1, td = 1] = today.split('-').map(Number)
  const months = (ty - by) * 12 + (tm - bm) - (td < bd ? 1 : 0)
  const days = Math.round((middayOf(today) - middayOf(birthDay)) / 86_400_000)
  return { years: Math.floor(months / 12), months, days }
}

/** "46 y", "9 m", "12 d": the unit that a ward would say. `say` gives the language's letters. */
export function age(birthDay: string, today: string, say: { y: string; m: string; d: string }): string {
  const { years, months, days } = ageOf(birthDay, today)
  if (years >= 2) return `${years} ${say.y}`
  if (months >= 1) return `${months} ${say.m}`
  return `${Math.max(0, days)} ${say.d}`
}

/** Whole minutes from then to now; negative while it lies ahead. */
export const minutesSince = (at: number | string | Date, now: number) => Math.floor((now - instant(at)) / 60_000)
