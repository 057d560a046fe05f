import { describe, expect, it } from 'vitest'
import { boxOf, heightOf, hoursOf, instantAt, merged, scaleOf, shadesOf, sideBySide, without, yOf } from './layout'

// Midnight in India is at half past an hour of UTC: hours are the facility's, not UTC's.
const midnight = Date.parse('2026-11-22T18:30:00Z')
const at = (time: string) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return midnight + (hours * 60 + minutes) * 60_000
}
const span = (from: string, to: string) => ({ from: at(from), to: at(to) })

describe('the scale of a day', () => {
  it('holds all that is planned, in whole hours of the place', () => {
    const scale = scaleOf(midnight, [span('10:20', '12:30'), span('09:00', '09:20')], 20)
    expect([scale.from, scale.to]).toEqual([at('09:00'), at('13:00')])
    expect(hoursOf(scale)).toEqual([at('09:00'), at('10:00'), at('11:00'), at('12:00'), at('13:00')])
  })
  it('gives short slots room for a line, and no more than a screen can bear', () => {
    expect(scaleOf(midnight, [], 20).pxPerMinute).toBe(2)
    expect(scaleOf(midnight, [], 10).pxPerMinute).toBe(2.6)
    expect(scaleOf(midnight, [], 1).pxPerMinute).toBe(5)
  })
  it('shows a working day where nothing is planned', () => {
    const scale = scaleOf(midnight, [], 20)
    expect([scale.from, scale.to]).toEqual([at('09:00'), at('17:00')])
  })
  it('goes from time to pixels and back', () => {
    const scale = scaleOf(midnight, [span('09:00', '13:00')], 20)
    expect(yOf(scale, at('10:30'))).toBe(180)
    expect(instantAt(scale, 180)).toBe(at('10:30'))
    expect(boxOf(scale, span('09:20', '09:40'))).toEqual({ top: 40, height: 40 })
    expect(heightOf(scale)).toBe(480)
  })
})

describe('side by side', () => {
  const lanes = (items: { from: number; to: number }[]) => sideBySide(items).map(({ lane, lanes }) => `${lane}/${lanes}`)
  it('gives the whole width to what stands alone, also when it touches', () => {
    expect(lanes([span('09:00', '09:20'), span('09:20', '09:40')])).toEqual(['0/1', '0/1'])
  })
  it('shares the width among the places of one slot', () => {
    expect(lanes([span('12:00', '12:20'), span('12:00', '12:20'), span('12:20', '12:40')])).toEqual(['0/2', '1/2', '0/1'])
  })
  it('takes a lane again once it is free, and a chain shares one width', () => {
    expect(lanes([span('09:00', '09:20'), span('09:10', '09:30'), span('09:20', '09:40')])).toEqual(['0/2', '1/2', '0/2'])
  })
  it('takes them in any order', () => {
    expect(sideBySide([span('10:00', '10:20'), span('09:00', '09:20')]).map(({ from }) => from)).toEqual([at('09:00'), at('10:00')])
  })
})

describe('shades', () => {
  const day = span('09:00', '17:00')
  it('merges what touches and finds what is left', () => {
    expect(merged([span('10:00', '11:00'), span('09:00', '10:00'), span('12:00', '13:00')])).toEqual([span('09:00', '11:00'), span('12:00', '13:00')])
    expect(without(day, [span('09:00', '11:00')])).toEqual([span('11:00', '17:00')])
    expect(without(day, [span('08:00', '18:00')])).toEqual([])
  })
  it('calls the gap between two sessions a break, and the rest outside', () => {
    expect(shadesOf(day, [span('10:00', '12:30'), span('13:00', '16:00')], [])).toEqual([
      { ...span('09:00', '10:00'), kind: 'outside' },
      { ...span('12:30', '13:00'), kind: 'break' },
      { ...span('16:00', '17:00'), kind: 'outside' },
    ])
  })
  it('shows leave over a session, cut to the day', () => {
    expect(shadesOf(day, [span('09:00', '17:00')], [span('11:00', '23:00')])).toEqual([{ ...span('11:00', '17:00'), kind: 'away' }])
  })
  it('is closed all day without a session', () => {
    expect(shadesOf(day, [], [])).toEqual([{ ...day, kind: 'outside' }])
  })
})
