import { QueryClient } from '@tanstack/react-query'
import { asProblem } from './api'

/** Refusals are answers; only a silence or a server in trouble is worth a second try, and more where it says when. */
const worthRetrying = (failures: number, error: unknown) => {
  const { status, retryAfter_s } = asProblem(error)
  return failures < (retryAfter_s ? 5 : 2) && (status === 0 || status >= 502)
}

/** As the server asks, and up to as long again: all who were told the same must not come back together. */
const wait_ms = (failures: number, error: unknown) => {
  const { retryAfter_s } = asProblem(error)
  return retryAfter_s ? retryAfter_s * 1000 * (1 + Math.random()) : 1000 * 2 ** failures
}

/**
 * The socket says when something changed, so nothing is read again by time or by focus. `networkMode`: a browser that
 * thinks itself offline would hold a request back and send it at some later time; here it fails now and is said.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Infinity, gcTime: 10 * 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false, retry: worthRetrying, retryDelay: wait_ms, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})
