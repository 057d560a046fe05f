import type { components } from '~/api/schema'
import { api } from '../api'
import { createStore } from '../store'

/** This computer as a shared counter: who may come back by PIN, and when it locks by itself. */
export type Counter = components['schemas']['CounterState']

/** undefined: not asked yet. */
const store = createStore<Counter | null | undefined>(undefined)
const minutesKey = 'ar.counter'
const touchedKey = 'ar.touched'

export const useCounter = store.use

/** Minutes after which it locks; null where it is no counter. Remembered, because the cookie that says so is not to be read here. */
export function lockMinutes(): number | null {
  const minutes = Number(localStorage.getItem(minutesKey))
  return minutes > 0 ? minutes : null
}

/** Ask the server what this computer is, and who is on the counter's list now. */
export async function readCounter(): Promise<void> {
  const { data } = await api.GET('/api/counter')
  const counter = data?.counter ?? null
  if (counter) localStorage.setItem(minutesKey, String(counter.idle_minutes))
  else localStorage.removeItem(minutesKey)
  store.set(counter)
}

/** Someone is at the counter: all tabs of the browser see it. */
export const touched = () => localStorage.setItem(touchedKey, String(Date.now()))

/** Whether nobody has touched the counter for as long as it waits; the clock goes on while the computer sleeps. */
export function wasLeftAlone(now = Date.now()): boolean {
  const minutes = lockMinutes()
  const last = Number(localStorage.getItem(touchedKey))
  return minutes !== null && last > 0 && now - last >= minutes * 60_000
}
