import { describe, expect, it } from 'vitest'
import { withOfferFirst, type Entry } from './waiting'

const entry = (id: string, expires_at?: string) => ({ id, offer: expires_at ? ({ expires_at } as Entry['offer']) : null })

describe('the waiting list', () => {
  it('shows what is to be answered first, the most urgent before all', () => {
    expect(withOfferFirst([entry('a'), entry('b', '2026-11-23T05:00Z'), entry('c', '2026-11-23T04:50Z')]).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })
})
