import { useEffect, useState } from 'react'

/** What is typed, once the typing pauses. */
export function useSettled<T>(typed: T, pause_ms = 250): T {
  const [settled, setSettled] = useState(typed)
  const text = JSON.stringify(typed)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as T), pause_ms)
    return () => clearTimeout(timer)
  }, [text, pause_ms])
  return settled
}
