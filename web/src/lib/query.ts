import { QueryClient } from '@tanstack/react-query'
import { asProblem } from './api'

/** Refusals are answers; only a silence or a server in trouble is worth a second try. */
const worthRetrying = (failures: number, error: unknown) => {
  const { status } = asProblem(error)
  return failures < 2 && (status === 0 || status >= 502)
}

/**
 * The socket says when something changed, so nothing is read again by time or by focus. `networkMode`: a browser that
 * thinks itself offline would hold a request back and send it at some later time; here it fails now and is said.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Infinity, gcTime: 10 * 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false, retry: worthRetrying, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})
