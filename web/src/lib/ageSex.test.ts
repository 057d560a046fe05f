import { expect, it } from 'vitest'
import { ageSex } from './ageSex'

const words: Record<string, string> = { 'lib:age.m': 'm', 'lib:age.newborn': 'newborn', 'lib:sex.female': 'F' }
const said = (age_years: number | null, age_months: number | null = null) => ageSex({ age_years, age_months, gender: 'female' }, (key) => words[key] ?? key)

it('tells years, then months below two, and a newborn as one', () => {
  expect(said(46)).toBe('46 F')
  expect(said(1, 3)).toBe('15 m F')
  expect(said(0, 9)).toBe('9 m F')
  expect(said(0, 0)).toBe('newborn F')
  expect(said(null)).toBe('F')
})
