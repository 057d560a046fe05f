import { describe, expect, it } from 'vitest'
import { differenceOf, moodOf } from './figures'

describe('a figure beside the usual', () => {
  it('has no difference without history', () => {
    expect(differenceOf({ value: 4, usual: null })).toBeNull()
    expect(differenceOf({ value: null, usual: 4 })).toBeNull()
    expect(differenceOf({ value: 61, usual: 52.6 })).toBe(8)
  })
  it('is welcome where more is good and there is more', () => {
    expect([moodOf(3, 'good'), moodOf(-3, 'good'), moodOf(3, 'bad'), moodOf(-3, 'bad'), moodOf(0, 'bad'), moodOf(2, 'neither')]).toEqual(['good', 'attention', 'attention', 'good', 'plain', 'plain'])
  })
})
