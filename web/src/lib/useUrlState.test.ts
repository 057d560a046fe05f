import { expect, it } from 'vitest'
import { sameKinds, withoutDefaults } from './useUrlState'

const defaults = { status: 'all', skip: 0, open: undefined as string | undefined }

it('believes an address only where it fits', () => {
  expect(sameKinds(defaults, { status: 'waiting', skip: '50', open: 'a7', evil: 'x' })).toEqual({ status: 'waiting', open: 'a7' })
  expect(sameKinds(defaults, { status: 3, skip: 50, open: { a: 1 } })).toEqual({ skip: 50 })
})

it('leaves out of the address what is usual', () => {
  expect(withoutDefaults(defaults, { status: 'all', skip: 50, open: undefined, other: 'kept' })).toEqual({ skip: 50, other: 'kept' })
})
