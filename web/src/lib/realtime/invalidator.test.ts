import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createInvalidator } from './invalidator'

let client: QueryClient
beforeEach(() => {
  vi.useFakeTimers()
  client = new QueryClient()
  for (const path of ['/api/slots', '/api/appointments/today', '/api/appointments/{id}', '/api/appointmentsets', '/api/patients']) client.setQueryData(['get', path, {}], [])
})
afterEach(() => vi.useRealTimers())

const stale = () =>
  client
    .getQueryCache()
    .getAll()
    .filter(({ state }) => state.isInvalidated)
    .map(({ queryKey }) => queryKey[1])

it('reads again what lies at and under a topic\'s paths, and nothing else', () => {
  const invalidator = createInvalidator(client, { appointments: ['/api/appointments', '/api/slots'] })
  invalidator.changed('appointments')
  invalidator.changed('unheard-of')
  vi.advanceTimersByTime(100)
  expect(stale()).toEqual(['/api/slots', '/api/appointments/today', '/api/appointments/{id}'])
})

it('does so once for a burst', () => {
  const invalidate = vi.spyOn(client, 'invalidateQueries')
  const invalidator = createInvalidator(client, { appointments: ['/api/appointments'], queue: ['/api/slots'] })
  for (let at = 0; at < 90; at++) {
    invalidator.changed(at % 2 ? 'appointments' : 'queue')
    vi.advanceTimersByTime(1)
  }
  vi.advanceTimersByTime(100)
  expect(invalidate).toHaveBeenCalledOnce()
  expect(stale()).toHaveLength(3)
})
