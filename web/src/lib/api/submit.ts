import { useCallback, useRef } from 'react'
import { asProblem } from './problem'

export const newKey = () => crypto.randomUUID()

/**
 * One Idempotency-Key for one filled form: a double click, or a second try after a silence, does nothing twice.
 * A refusal or a success ends it, so that what is typed next is a new request.
 */
export function useIdempotent(): <T>(send: (headers: { 'Idempotency-Key': string }) => Promise<T>) => Promise<T> {
  const key = useRef<string | null>(null)
  const running = useRef<Promise<unknown> | null>(null)
  return useCallback(<T,>(send: (headers: { 'Idempotency-Key': string }) => Promise<T>) => {
    if (running.current) return running.current as Promise<T>
    key.current ??= newKey()
    const sent = send({ 'Idempotency-Key': key.current })
      .then((result) => {
        key.current = null
        return result
      })
      .catch((error: unknown) => {
        if (!asProblem(error).isSilence) key.current = null
        throw error
      })
      .finally(() => (running.current = null))
    running.current = sent
    return sent
  }, [])
}
