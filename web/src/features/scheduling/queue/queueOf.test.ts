import { describe, expect, it } from 'vitest'
import { insideOf, isNow, nextOf, stateOf } from './queueOf'

const entry = (status: string) => ({ status })

describe('the queue', () => {
  it('shows with the doctor who is in, whatever the appointment says', () => {
    const token = { id: '1', number: 3, status: 'in-consultation', called_at: null, is_priority: false }
    expect(stateOf({ status: 'checked-in', token })).toBe('in-consultation')
    expect(stateOf({ status: 'checked-in', token: { ...token, status: 'waiting' } })).toBe('checked-in')
    expect(stateOf({ status: 'booked', token: null })).toBe('booked')
  })
  it('calls the first that waits, never one that was skipped', () => {
    expect(nextOf([entry('in-consultation'), entry('skipped'), entry('waiting')])).toEqual(entry('waiting'))
    expect(nextOf([entry('skipped')])).toBeUndefined()
  })
  it('has inside who is in, else who was called', () => {
    expect(insideOf([entry('called'), entry('in-consultation')])).toEqual(entry('in-consultation'))
    expect(insideOf([entry('waiting'), entry('called')])).toEqual(entry('called'))
    expect(insideOf([entry('waiting')])).toBeUndefined()
  })
  it('keeps the skipped among those of now', () => {
    expect(['waiting', 'called', 'in-consultation', 'skipped', 'done', 'left', 'moved'].filter((status) => isNow({ status }))).toEqual([
      'waiting',
      'called',
      'in-consultation',
      'skipped',
    ])
  })
})
