import { describe, expect, it } from 'vitest'
import { bodyOf, listOf, paiseOf, rupeesTyped, valuesOf } from './practitionerForm'

describe('a fee', () => {
  it.each([['600', 60000], ['₹1,250.50', 125050], ['0.5', 50], ['', 0], ['19.99', 1999]])('%s is %i paise', (typed, paise) => expect(paiseOf(typed)).toBe(paise))
  it.each(['six', '-5', '1.234', '12345678'])('%s is none', (typed) => expect(paiseOf(typed)).toBeNull())
  it('is shown as it would be typed', () => expect([60000, 125050, 5].map(rupeesTyped)).toEqual(['600', '1250.50', '0.05']))
})

it('takes each language once', () => expect(listOf(' Hindi, Marathi,, Hindi ')).toEqual(['Hindi', 'Marathi']))

describe('a new doctor', () => {
  it('works at the first branch until told otherwise', () => {
    expect(valuesOf(null, ['f1', 'f2']).facilities).toEqual([{ facility_id: 'f1', room: '', floor: '' }])
  })
  it('is sent without what was left empty', () => {
    const values = { ...valuesOf(null, ['f1']), name: ' Asha Test ', fee: '600', qualifications: [{ degree: '', institution: 'X', year: '' }, { degree: 'MBBS', institution: '', year: '2012' }] }
    expect(bodyOf(values)).toMatchObject({
      name: 'Asha Test', specialty: null, registration_number: null, consultation_fee_paise: 60000, practising_since: null,
      qualifications: [{ degree: 'MBBS', institution: null, year: 2012 }], facilities: [{ facility_id: 'f1', room: null, floor: null }],
    })
  })
})
