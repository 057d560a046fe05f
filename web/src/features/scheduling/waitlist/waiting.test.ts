import { describe, expect, it } from 'vitest'
import { whomOf, withOfferFirst, type Entry } from './waiting'

const entry = (id: string, expires_at?: string) => ({ id, offer: expires_at ? ({ expires_at } as Entry['offer']) : null })

describe('the waiting list', () => {
  it('shows what is to be answered first, the most urgent before all', () => {
    expect(withOfferFirst([entry('a'), entry('b', '2026-11-23T05:00Z'), entry('c', '2026-11-23T04:50Z')]).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })
  it('names whom one waits for', () => {
    const nobody = { practitioner_name: null, department_name: null, specialty: null }
    expect(whomOf({ ...nobody, practitioner_name: 'Dr A' })).toBe('Dr A')
    expect(whomOf({ ...nobody, department_name: 'Heart' })).toBe('Heart')
    expect(whomOf({ ...nobody, specialty: 'Cardiology' })).toBe('Cardiology')
  })
})
