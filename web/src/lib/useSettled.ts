import { useEffect, useState } from 'react'

/** What is typed, once the typing pauses. */
export function useSettled(typed: string, pause_ms = 250): string {
  const [settled, setSettled] = useState(typed)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), pause_ms)
    return () => clearTimeout(timer)
  }, [typed, pause_ms])
  return settled.trim()
}
