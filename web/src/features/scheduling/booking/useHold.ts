import { useCallback, useEffect, useRef, useState } from 'react'
import type { components } from '~/api/schema'
import { api, newKey } from '~/lib/api'
import { useNow } from '~/lib/clock'

type Hold = components['schemas']['HoldRead']
type Wanted = { practitioner_id: string; facility_id: string; starts_at: string }

/**
 * Keeps the chosen place while the form is filled: others see it being booked. Another choice lets go of the first, and
 * so does leaving the form. A refused hold throws; the booking itself has the last word in any case.
 */
export function useHold(patientId: string | null) {
  const [hold, setHold] = useState<Hold | null>(null)
  const kept = useRef<string | null>(null)
  const latest = useRef(0)
  const now = useNow('second')

  const keep = useCallback(
    async ({ practitioner_id, facility_id, starts_at }: Wanted) => {
      const mine = ++latest.current
      const body = { practitioner_id, facility_id, starts_at, patient_id: patientId }
      const { data } = await api.POST('/api/holds', { body, headers: { 'Idempotency-Key': newKey() } })
      if (!data) return
      if (mine !== latest.current) return release(data.id)
      kept.current = data.id
      setHold(data)
    },
    [patientId],
  )
  const letGo = useCallback(() => {
    latest.current += 1
    if (kept.current) release(kept.current)
    kept.current = null
    setHold(null)
  }, [])
  /** The booking has used it up. */
  const used = useCallback(() => {
    kept.current = null
    setHold(null)
  }, [])
  useEffect(() => letGo, [letGo])
  const isOver = hold !== null && Date.parse(hold.expires_at) <= now
  return { hold, isOver, keep, letGo, used }
}

/** What is not given back lapses by itself. */
function release(hold_id: string) {
  void api.DELETE('/api/holds/{hold_id}', { params: { path: { hold_id } } }).catch(() => undefined)
}
