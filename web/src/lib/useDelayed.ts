import { useEffect, useState } from 'react'

/** True once `on` has lasted: what is fast never flickers through its skeleton. */
export function useDelayed(on: boolean, after_ms = 200): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!on) return
    const timer = setTimeout(() => setLate(true), after_ms)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [on, after_ms])
  return on && late
}
