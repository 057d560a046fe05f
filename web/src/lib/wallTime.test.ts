import { describe, expect, it } from 'vitest'
import { addDays, boundsOf, dayOf, instantOf } from './wallTime'

describe('a day', () => {
  it('begins at the facility\'s midnight', () => {
    expect(dayOf('2026-11-22T18:29:00Z', 'Asia/Kolkata')).toBe('2026-11-22')
    expect(dayOf('2026-11-22T18:31:00Z', 'Asia/Kolkata')).toBe('2026-11-23')
    expect(boundsOf('2026-11-23', 'Asia/Kolkata')).toEqual({ from: '2026-11-22T18:30:00.000Z', to: '2026-11-23T18:30:00.000Z' })
  })
  it('has 23 or 25 hours when clocks change', () => {
    const hours = (day: string) => {
      const { from, to } = boundsOf(day, 'America/New_York')
      return (Date.parse(to) - Date.parse(from)) / 3_600_000
    }
    expect(hours('2026-03-08')).toBe(23)
    expect(hours('2026-11-01')).toBe(25)
    expect(hours('2026-11-02')).toBe(24)
  })
  it('is counted over months and leap years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
  })
})

describe('a wall time', () => {
  it('is an instant there', () => expect(instantOf('2026-11-23', '10:30', 'Asia/Kolkata')).toBe('2026-11-23T05:00:00.000Z'))
  it('that comes twice is the first', () => expect(instantOf('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z'))
  it('that is skipped is just after', () => expect(instantOf('2026-03-08', '02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z'))
})
