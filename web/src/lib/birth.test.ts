import { describe, expect, it } from 'vitest'
import { birthOf, missingDigits, seedOf } from './birth'

describe('an age or a birth date', () => {
  it.each([
    ['34', { age_years: 34 }],
    ['34 y', { age_years: 34 }],
    ['9m', { age_months: 9 }],
    ['९ माह', { age_months: 9 }],
    ['12/4/1990', { birth_date: '1990-04-12' }],
    ['12-04-1990', { birth_date: '1990-04-12' }],
    ['1990-4-12', { birth_date: '1990-04-12' }],
    ['29.2.2024', { birth_date: '2024-02-29' }],
  ])('%s', (typed, birth) => expect(birthOf(typed)).toEqual(birth))

  it.each(['', 'old', '200', '61 m', '31/2/1990', '29/2/2023', '12/4/90'])('%s is neither', (typed) => expect(birthOf(typed)).toBeNull())
})

describe('a phone', () => {
  it('that begins as a mobile has ten digits', () => {
    expect(missingDigits('90000 112')).toBe(8)
    expect(missingDigits('90000 11207')).toBe(0)
  })
  it('of another kind passes', () => {
    expect(missingDigits('020 2544')).toBe(0)
    expect(missingDigits('+44 20 79')).toBe(0)
    expect(missingDigits('')).toBe(0)
  })
})

describe('what was searched for', () => {
  it('becomes the phone or the name of who is new', () => {
    expect(seedOf('90000 11207')).toEqual({ name: '', phone: '90000 11207' })
    expect(seedOf(' Asha Pawar ')).toEqual({ name: 'Asha Pawar', phone: '' })
    expect(seedOf('NH-204518')).toEqual({ name: '', phone: '' })
  })
})
