import { useSyncExternalStore } from 'react'

/** Time that passes on the screen: one timer for the whole page, on the edge of the minute or the second. */
function ticking(step_ms: number) {
  const listeners = new Set<() => void>()
  let now = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined

  const tick = () => {
    now = Date.now()
    listeners.forEach((listener) => listener())
    timer = setTimeout(tick, step_ms - (now % step_ms))
  }
  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      if (listeners.size === 1) {
        now = Date.now()
        timer = setTimeout(tick, step_ms - (now % step_ms))
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) clearTimeout(timer)
      }
    },
    get: () => (listeners.size ? now : (now = Math.floor(Date.now() / step_ms) * step_ms)),
  }
}

const clocks = { minute: ticking(60_000), second: ticking(1_000) }

/** Now, as milliseconds; the component renders again each minute (or second). */
export function useNow(every: keyof typeof clocks = 'minute'): number {
  const clock = clocks[every]
  return useSyncExternalStore(clock.subscribe, clock.get)
}
