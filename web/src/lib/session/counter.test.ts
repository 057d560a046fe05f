import { beforeEach, describe, expect, it } from 'vitest'
import { serve } from '~tests/server'
import { lockMinutes, readCounter, touched, wasLeftAlone } from './counter'

const counter = { id: 'c1', name: 'Front desk 1', organization_name: 'Nirmal Hospital', idle_minutes: 3, people: [] }

beforeEach(() => localStorage.clear())

describe('a shared counter', () => {
  it('is what the server says, and stays known without it', async () => {
    expect(lockMinutes()).toBeNull()
    serve({ 'GET /api/counter': () => ({ body: { counter } }) })
    await readCounter()
    expect(lockMinutes()).toBe(3)
    serve({ 'GET /api/counter': () => ({ body: { counter: null } }) })
    await readCounter()
    expect(lockMinutes()).toBeNull()
  })
  it('is left alone after its minutes, and not before', async () => {
    serve({ 'GET /api/counter': () => ({ body: { counter } }) })
    await readCounter()
    expect(wasLeftAlone()).toBe(false) // nobody has been there yet
    touched()
    expect(wasLeftAlone(Date.now() + 179_000)).toBe(false)
    expect(wasLeftAlone(Date.now() + 181_000)).toBe(true)
  })
  it('elsewhere nothing is ever left alone', () => {
    touched()
    expect(wasLeftAlone(Date.now() + 24 * 3_600_000)).toBe(false)
  })
})
