import { describe, expect, it } from 'vitest'
import { mondayOf, percentOf, weekOf } from './load'

const load = { places: 12, booked: 3, held: 0, free: 9, walk_ins: 0, minutes_offered: 240, minutes_used: 60 }

describe('load', () => {
  it('is minutes used of minutes offered, and may pass a hundred', () => {
    expect(percentOf(load)).toBe(25)
    expect(percentOf({ ...load, minutes_used: 260 })).toBe(108)
  })
  it('of a day without a session is none', () => {
    expect(percentOf({ ...load, minutes_offered: 0 })).toBeNull()
  })
})

describe('a week', () => {
  it.each([['2026-11-23'], ['2026-11-26'], ['2026-11-29']])('of %s begins on Monday', (day) => {
    expect(mondayOf(day)).toBe('2026-11-23')
  })
  it('has seven days, over the end of a year too', () => {
    expect(weekOf('2027-01-01')).toEqual(['2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02', '2027-01-03'])
  })
})
