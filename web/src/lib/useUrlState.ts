import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useState } from 'react'

/**
 * Filters, the day and the open record live in the address, so that a reload, a link and the back button keep them.
 * Never put search text or a name there: addresses are logged. What equals its default leaves the address.
 * `given` holds the defaults; those of the first render count.
 */
export function useUrlState<T extends Record<string, string | number | boolean | undefined>>(given: T) {
  const [defaults] = useState(given)
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const state = { ...defaults, ...sameKinds(defaults, search) }

  const set = useCallback(
    (change: Partial<T>, how: 'push' | 'replace' = 'replace') =>
      navigate({
        to: '.',
        replace: how === 'replace',
        search: (before: Record<string, unknown>) => withoutDefaults(defaults, { ...before, ...change }),
      } as never),
    [navigate, defaults],
  )
  return [state, set] as const
}

/** An address typed by hand may hold anything: only values of the default's kind count. */
export function sameKinds<T extends Record<string, unknown>>(defaults: T, search: Record<string, unknown>): Partial<T> {
  const fits = ([key, value]: [string, unknown]) =>
    key in defaults && (defaults[key] === undefined ? typeof value === 'string' : typeof value === typeof defaults[key])
  return Object.fromEntries(Object.entries(search).filter(fits)) as Partial<T>
}

export function withoutDefaults(defaults: Record<string, unknown>, search: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(search).filter(([key, value]) => value !== undefined && value !== defaults[key]))
}
