import { describe, expect, it } from 'vitest'
import { lastKept, nearestFree, nextVisit, stepOf } from './visits'

const visit = (status: string, starts_at: string) => ({ status, starts_at }) as never as { status: 'booked'; starts_at: string }

describe('the patient’s visits', () => {
  it('puts the one under way before a sooner booking', () => {
    const soon = visit('booked', '2026-11-23T05:00:00Z')
    const here = visit('checked-in', '2026-11-23T06:00:00Z')
    expect(nextVisit([soon, here])).toBe(here)
    expect(nextVisit([visit('booked', '2026-11-25T05:00:00Z'), soon])).toBe(soon)
  })
  it('knows no next one among those that are over', () => {
    expect(nextVisit([visit('cancelled', '2026-11-23T05:00:00Z'), visit('fulfilled', '2026-11-23T05:00:00Z')])).toBeUndefined()
  })
  it('books again with the doctor of the last visit that was kept', () => {
    const kept = visit('fulfilled', '2026-11-01T05:00:00Z')
    expect(lastKept([visit('fulfilled', '2026-10-01T05:00:00Z'), kept, visit('noshow', '2026-11-20T05:00:00Z')])).toBe(kept)
  })
  it('offers the next free time in place of one that is gone, else the last before it', () => {
    const slot = (starts_at: string, status = 'free') => ({ starts_at, status })
    const [nine, ten, eleven] = [slot('09:00'), slot('10:00', 'busy'), slot('11:00')]
    expect(nearestFree([nine, ten, eleven], '10:00')).toBe(eleven)
    expect(nearestFree([nine, ten], '10:00')).toBe(nine)
    expect(nearestFree([ten], '10:00')).toBeUndefined()
  })
  it('counts the steps', () => {
    const token = { id: '', number: 1, status: 'in-consultation', called_at: null, is_priority: false }
    expect([stepOf({ status: 'booked', token: null }), stepOf({ status: 'arrived', token: null }), stepOf({ status: 'checked-in', token }), stepOf({ status: 'fulfilled', token })]).toEqual([0, 1, 3, 4])
  })
})
