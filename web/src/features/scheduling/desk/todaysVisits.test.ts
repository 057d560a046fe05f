import { describe, expect, it } from 'vitest'
import { dayOf } from '~/lib/wallTime'
import { countsOf, dueOf, inOrder, isOfToday, stepOf, type Visit } from './todaysVisits'

const visit = (status: string, more: object = {}) => ({ id: status, status, starts_at: '2026-11-23T05:00:00Z', token: null, receipt: null, fee_paise: 0, ...more }) as Visit
const token = (status: string) => ({ token: { id: 't', number: 4, status, called_at: null, is_priority: false } })

describe("today's visits", () => {
  it('has who is inside first, then who waits, who comes, what is over', () => {
    const all = [visit('fulfilled'), visit('booked'), visit('arrived'), visit('checked-in', token('in-consultation')), visit('pending', { starts_at: '2026-11-23T04:00:00Z' })]
    expect(inOrder(all).map(({ id }) => id)).toEqual(['checked-in', 'arrived', 'pending', 'booked', 'fulfilled'])
    expect(countsOf(all)).toEqual({ all: 5, waiting: 2, expected: 2, over: 1 })
  })

  it('has those of one session by their number, and before them who goes first', () => {
    const numbered = (number: number, is_priority = false) => visit('checked-in', { id: String(number), token: { ...token('waiting').token, number, is_priority } })
    const all = [numbered(17), visit('arrived', { id: 'no number' }), numbered(18), numbered(16), numbered(20, true)]
    expect(inOrder(all).map(({ id }) => id)).toEqual(['20', '16', '17', '18', 'no number'])
  })
})

describe('the next step', () => {
  it.each([
    [visit('pending'), 'confirm'],
    [visit('booked'), 'arrived'],
    [visit('arrived'), 'checkIn'],
    [visit('checked-in', token('waiting')), 'call'],
    [visit('checked-in', token('called')), 'recall'],
    [visit('checked-in', token('in-consultation')), null],
    [visit('fulfilled', token('done')), 'print'],
    [visit('cancelled'), null],
    [visit('noshow'), null],
  ])('%#', (of, step) => expect(stepOf(of)).toBe(step))

  it.each([
    [visit('pending'), 'confirm'],
    [visit('booked'), null],
    [visit('arrived'), null],
  ])('of another day %#', (of, step) => expect(stepOf(of, false)).toBe(step))

  it.each([
    ['2026-11-23T04:00:00Z', '2026-11-23T16:00:00Z', true],
    ['2026-11-23T17:00:00Z', '2026-11-23T19:00:00Z', true],
    ['2026-11-23T17:00:00Z', '2026-11-24T04:00:00Z', false],
    ['2026-11-23T04:00:00Z', '2026-11-24T04:00:00Z', false],
    ['2026-11-23T19:00:00Z', '2026-11-23T17:00:00Z', true],
  ])('at %s a visit of %s is of today: %s', (now, starts_at, is) => {
    expect(isOfToday(visit('booked', { starts_at }), (at) => dayOf(at, 'Asia/Kolkata'), Date.parse(now))).toBe(is)
  })
})

it('asks a fee once, and never of who did not come', () => {
  expect(dueOf(visit('booked', { fee_paise: 60000 }))).toBe(60000)
  expect(dueOf(visit('booked', { fee_paise: 60000, receipt: { id: 'r', number: '1', method: 'cash' } }))).toBe(0)
  expect(dueOf(visit('noshow', { fee_paise: 60000 }))).toBe(0)
})
