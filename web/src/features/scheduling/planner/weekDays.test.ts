import { describe, expect, it } from 'vitest'
import { instantOf } from '~/lib/wallTime'
import { yOf } from '../columns/layout'
import { scalesOf, type WeekDay } from './weekDays'

const newYork = 'America/New_York'
const slot = (day: string, from: string, to: string) => ({ kind: 'slot', starts_at: instantOf(day, from, newYork), ends_at: instantOf(day, to, newYork) })
const dayWith = (day: string, ...slots: ReturnType<typeof slot>[]) => ({ day, slots, visits: [], absences: [] }) as unknown as WeekDay

describe('the same wall time', () => {
  const days = ['2027-03-12', '2027-03-14', '2027-03-15', '2027-11-06', '2027-11-07', '2027-11-08']
  const scales = scalesOf(days.map((day) => dayWith(day, slot(day, '09:00', '09:20'), slot(day, '16:40', '17:00'))), newYork)
  it.each(days)('stands at one height on %s, whatever the clock did in the night', (day) => {
    const scale = scales.get(day)
    expect(scale && yOf(scale, Date.parse(instantOf(day, '10:30', newYork)))).toBe((90 / 60) * 60 * (scale?.pxPerMinute ?? 0))
  })
})

it('a week without anything still shows a working day', () => {
  const scale = scalesOf([dayWith('2026-11-23')], newYork).get('2026-11-23')
  expect(scale && (scale.to - scale.from) / 3_600_000).toBe(8)
})
