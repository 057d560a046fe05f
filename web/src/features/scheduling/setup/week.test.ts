import { describe, expect, it } from 'vitest'
import { sessionAfter, usualWeek, weekInShort } from './week'

describe('a week in short', () => {
  it('puts days of the same hours together', () => expect(weekInShort(usualWeek())).toEqual([{ days: [0, 1, 2, 3, 4], hours: '09:00–13:00' }]))
  it('says both sessions of a day in order, and names equal hours once', () => {
    const week = [
      { weekday: 0, starts: '17:00', ends: '19:00' }, { weekday: 0, starts: '09:00', ends: '12:00' },
      { weekday: 2, starts: '09:00', ends: '12:00' }, { weekday: 4, starts: '09:00', ends: '12:00' },
    ]
    expect(weekInShort(week)).toEqual([
      { days: [0], hours: '09:00–12:00, 17:00–19:00' }, { days: [2, 4], hours: '09:00–12:00' },
    ])
  })
  it('of no sessions is empty', () => expect(weekInShort([])).toEqual([]))
})

describe('one more session', () => {
  it('is the usual morning on a free day', () => expect(sessionAfter(usualWeek(), 5)).toEqual({ weekday: 5, starts: '09:00', ends: '13:00' }))
  it('comes after the last of the day', () => expect(sessionAfter(usualWeek(), 0)).toEqual({ weekday: 0, starts: '14:00', ends: '17:00' }))
  it('stays within the day', () => expect(sessionAfter([{ weekday: 0, starts: '20:00', ends: '23:30' }], 0)).toEqual({ weekday: 0, starts: '22:00', ends: '23:00' }))
})
