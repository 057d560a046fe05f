import { describe, expect, it } from 'vitest'
import { hasName, isOpen, wasInterrupted, withColumn, type Import } from './imports'

describe('a column', () => {
  it('stands for one thing, and a thing in one column', () => {
    expect(withColumn({ name: 0, phone: 1 }, 2, 'phone')).toEqual({ name: 0, phone: 2 })
    expect(withColumn({ name: 0, phone: 1 }, 1, 'mrn')).toEqual({ name: 0, mrn: 1 })
    expect(withColumn({ name: 0, phone: 1 }, 1, null)).toEqual({ name: 0 })
  })
  it('holds the name, whole or in parts', () => {
    expect(hasName({ last_name: 3 })).toBe(true)
    expect(hasName({ phone: 3 })).toBe(false)
  })
})

describe('an import that stopped', () => {
  const one = (but: Partial<Import>) => ({ status: 'failed', run_at: null, taken: 0, ...but }) as Import
  it('in its check may have other columns', () => expect([isOpen(one({})), wasInterrupted(one({}))]).toEqual([true, false]))
  it('after some patients is gone on with as it is', () => {
    const stopped = one({ run_at: '2026-11-23T04:30:00Z', taken: 5 })
    expect([isOpen(stopped), wasInterrupted(stopped)]).toEqual([false, true])
  })
})
