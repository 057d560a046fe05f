import { describe, expect, it } from 'vitest'
import * as formats from './formats'

const pune = { language: 'en', timeZone: 'Asia/Kolkata' }
const hindi = { ...pune, language: 'hi' }
const at = '2026-11-23T05:22:00Z'
const letters = { y: 'y', m: 'm', d: 'd' }

describe('times and days', () => {
  it('are the facility\'s, not the computer\'s', () => {
    expect(formats.time(at, pune)).toBe('10:52')
    expect(formats.time(at, { language: 'en', timeZone: 'America/New_York' })).toBe('00:22')
  })
  it('read as drawn, in both languages, with Latin digits', () => {
    expect(formats.dayShort(at, pune)).toBe('Mon 23 Nov')
    expect(formats.dayLong(at, pune)).toBe('Mon 23 November')
    expect(formats.date(at, pune)).toBe('23 Nov 2026')
    expect(formats.dayShort(at, hindi)).toBe('सोम 23 नव॰')
  })
  it('say today, tomorrow and the weekday while they are near', () => {
    const now = Date.parse(at)
    const say = { today: 'Today', tomorrow: 'Tomorrow' }
    expect(formats.near('2026-11-23T06:10:00Z', now, pune, say)).toBe('Today 11:40')
    expect(formats.near('2026-11-23T19:00:00Z', now, pune, say)).toBe('Tomorrow 00:30')
    expect(formats.near('2026-11-27T03:50:00Z', now, pune, say)).toBe('Fri 09:20')
    expect(formats.near('2026-12-04T03:50:00Z', now, pune, say)).toBe('4 Dec 09:20')
    expect(formats.near('2027-01-08T03:50:00Z', now, pune, say)).toBe('8 Jan 2027 09:20')
    expect(formats.near('2026-11-20T03:50:00Z', now, pune, say)).toBe('20 Nov 09:20')
  })
  it('name a day alone, with its year where that is another', () => {
    const now = Date.parse(at)
    const say = { today: 'Today', tomorrow: 'Tomorrow' }
    expect(formats.day('2026-11-23T18:00:00Z', now, pune, say)).toBe('Today')
    expect(formats.day('2026-11-23T19:00:00Z', now, pune, say)).toBe('Tomorrow')
    expect(formats.day('2026-12-04T03:50:00Z', now, pune, say)).toBe('Fri 4 Dec')
    expect(formats.day('2027-01-08T03:50:00Z', now, pune, say)).toBe('8 Jan 2027')
  })
  it('leave a bare day on its day in every zone', () => expect(formats.bareDay('1980-02-29', 'en', 'date')).toBe('29 Feb 1980'))
})

describe('rupees', () => {
  it.each([
    [0, '₹0'],
    [60000, '₹600'],
    [18400000, '₹1,84,000'],
    [123456789012, '₹1,23,45,67,890.12'],
    [5, '₹0.05'],
    [-25050, '−₹250.50'],
  ])('%i paise are %s', (paise, written) => expect(formats.rupees(paise)).toBe(written))
})

describe('phones', () => {
  it.each([
    ['9000011207', '90000 11207'],
    ['+91 90000-11207', '90000 11207'],
    ['09000011207', '90000 11207'],
    ['555-403-1187', '555-403-1187'],
    ['020 2543 1234', '020 2543 1234'],
  ])('%s is written %s', (recorded, written) => expect(formats.phone(recorded)).toBe(written))
})

describe('ages', () => {
  it.each([
    ['1980-11-23', '46 y'],
    ['1980-11-24', '45 y'],
    ['2025-02-20', '21 m'],
    ['2026-02-10', '9 m'],
    ['2026-11-11', '12 d'],
    ['2026-11-23', '0 d'],
  ])('born %s is %s', (born, written) => expect(formats.age(born, '2026-11-23', letters)).toBe(written))
  it('of a leap day turn on the first of March', () => {
    expect(formats.ageOf('2024-02-29', '2026-02-28').years).toBe(1)
    expect(formats.ageOf('2024-02-29', '2026-03-01').years).toBe(2)
  })
})
