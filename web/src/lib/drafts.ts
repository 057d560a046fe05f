import { useCallback, useEffect, useRef, useState } from 'react'

/**
 * What someone has typed and not yet sent, kept in this browser so that a reload or a lock loses nothing.
 * One draft a person and form; dropped when sent, at sign-out, or after its time.
 */

const prefix = 'ar.draft.'
const keptFor_ms = 12 * 3_600_000
const settle_ms = 300

type Kept<T> = { saved_at: number; value: T }

const keyOf = (personId: string, form: string) => `${prefix}${personId}.${form}`

export function readDraft<T>(personId: string, form: string, now = Date.now()): Kept<T> | null {
  const key = keyOf(personId, form)
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept<T> | null
    if (kept && now - kept.saved_at < keptFor_ms) return kept
    localStorage.removeItem(key)
  } catch {
    localStorage.removeItem(key)
  }
  return null
}

export function saveDraft<T>(personId: string, form: string, value: T, now = Date.now()): number | null {
  try {
    localStorage.setItem(keyOf(personId, form), JSON.stringify({ saved_at: now, value }))
    return now
  } catch {
    return null // private window or full: typing goes on, only the keeping fails
  }
}

export const dropDraft = (personId: string, form: string) => localStorage.removeItem(keyOf(personId, form))

export function clearDrafts(personId: string) {
  const own = keyOf(personId, '')
  Object.keys(localStorage)
    .filter((key) => key.startsWith(own))
    .forEach((key) => localStorage.removeItem(key))
}

/**
 * `keep(value)` on every change, `drop()` when sent. `kept` is what an earlier visit left: pass it to the form's
 * initial values. `savedAt` is for "Draft saved 10:51".
 */
export function useDraft<T>(personId: string, form: string) {
  const [kept] = useState(() => readDraft<T>(personId, form))
  const [savedAt, setSavedAt] = useState(kept?.saved_at ?? null)
  const pending = useRef<{ value: T; timer: number } | null>(null)

  const flush = useCallback(() => {
    if (!pending.current) return
    clearTimeout(pending.current.timer)
    setSavedAt(saveDraft(personId, form, pending.current.value))
    pending.current = null
  }, [personId, form])

  const keep = useCallback(
    (value: T) => {
      if (pending.current) clearTimeout(pending.current.timer)
      pending.current = { value, timer: window.setTimeout(flush, settle_ms) }
    },
    [flush],
  )

  const drop = useCallback(() => {
    if (pending.current) clearTimeout(pending.current.timer)
    pending.current = null
    dropDraft(personId, form)
    setSavedAt(null)
  }, [personId, form])

  useEffect(() => {
    window.addEventListener('pagehide', flush)
    return () => {
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }, [flush])

  return { kept: kept?.value ?? null, savedAt, keep, drop }
}
