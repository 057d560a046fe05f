import type { TFunction } from 'i18next'
import { describe, expect, it } from 'vitest'
import { bookableChoices, bookableInFull, bookableName, bookableWord } from './bookable'

const t = ((key: string) => key) as unknown as TFunction<'scheduling'>
const doctor = { id: 'd', kind: 'practitioner', title: 'Dr', name: 'Kavita Iyer', specialty: 'General medicine' }
const service = { id: 's', kind: 'service', title: '', name: 'X-ray', specialty: null }

describe('who and what can be booked', () => {
  it('names a service without a title', () => {
    expect([doctor, service].map(bookableName)).toEqual(['Dr Kavita Iyer', 'X-ray'])
    expect([doctor, service].map(bookableInFull)).toEqual(['Dr Kavita Iyer, General medicine', 'X-ray'])
  })

  it('puts services under a head of their own, after the doctors', () => {
    expect(bookableChoices([service, doctor], ({ id }) => id, t)).toEqual([
      { group: 'bookable.doctors', items: [{ value: 'd', label: 'Dr Kavita Iyer' }] },
      { group: 'bookable.services', items: [{ value: 's', label: 'X-ray' }] },
    ])
  })

  it('says nothing of services where there are none', () => {
    expect(bookableChoices([doctor], ({ id }) => id, t)).toEqual([{ value: 'd', label: 'Dr Kavita Iyer' }])
    expect([bookableWord([doctor], t), bookableWord([doctor, service], t)]).toEqual(['bookable.doctor', 'bookable.either'])
  })
})
