import { describe, expect, it } from 'vitest'
import { choiceOf, countOf, decisionOf, type Affected } from './decisions'

const item = (id: string, options: number) =>
  ({
    appointment: { id },
    told_by: null,
    options: Array.from({ length: options }, (_, nth) => ({ practitioner_id: `d${nth}`, practitioner_name: '', facility_id: 'f', starts_at: `t${nth}`, ends_at: '' })),
  }) as unknown as Affected

describe('what becomes of the bookings inside leave', () => {
  it('takes what is proposed first, and leaves who has no proposal', () => {
    expect(decisionOf(item('a', 2), {})).toEqual({ appointment_id: 'a', action: 'move', practitioner_id: 'd0', facility_id: 'f', starts_at: 't0' })
    expect(decisionOf(item('a', 0), {})).toEqual({ appointment_id: 'a', action: 'keep' })
  })
  it('does what was chosen', () => {
    expect(decisionOf(item('a', 2), { a: '1' })).toMatchObject({ action: 'move', starts_at: 't1' })
    expect(decisionOf(item('a', 2), { a: 'cancel' })).toEqual({ appointment_id: 'a', action: 'cancel' })
  })
  it('forgets a choice whose place is not proposed any more', () => {
    expect(choiceOf(item('a', 1), { a: '2' })).toBe('0')
  })
  it('counts', () => {
    expect(countOf([item('a', 1), item('b', 0), item('c', 1)], { c: 'cancel' })).toEqual({ move: 1, cancel: 1, keep: 1 })
  })
})
