import { useEffect } from 'react'
import { refreshAccess } from '~/lib/api/transport'
import { lockMinutes, signOut, touched, wasLeftAlone } from '~/lib/session'

const look_ms = 1_000
/** More often than the server forgets a session on a counter, while someone types and asks it nothing. */
const sayAlive_ms = 5 * 60_000
const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** On a shared counter: lock when nobody has touched any of its tabs for so long. What was being typed is kept as a draft. */
export function useIdleLock() {
  useEffect(() => {
    if (lockMinutes() === null) return
    let isLocking = false
    let last = Date.now()
    let alive = Date.now()
    touched()
    const lockIfLeft = () => {
      if (isLocking || !wasLeftAlone()) return false
      isLocking = true
      void signOut('locked')
      return true
    }
    const touch = () => {
      const now = Date.now()
      // after a sleep the first touch is not the person's who left
      if (now - last < look_ms || lockIfLeft()) return
      last = now
      touched()
      if (now - alive < sayAlive_ms) return
      alive = now
      void refreshAccess().catch(() => undefined)
    }
    const timer = setInterval(lockIfLeft, look_ms)
    touches.forEach((name) => window.addEventListener(name, touch, { passive: true, capture: true }))
    document.addEventListener('visibilitychange', lockIfLeft)
    return () => {
      clearInterval(timer)
      touches.forEach((name) => window.removeEventListener(name, touch, { capture: true }))
      document.removeEventListener('visibilitychange', lockIfLeft)
    }
  }, [])
}
