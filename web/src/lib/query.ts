import { QueryClient } from '@tanstack/react-query'
import { asProblem } from './api'

/** Refusals are answers; only a silence or a server in trouble is worth a second try. */
const worthRetrying = (failures: number, error: unknown) => {
  const { status } = asProblem(error)
  return failures < 2 && (status === 0 || status >= 502)
}

/** The socket says when something changed, so nothing is read again by time or by focus. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Infinity, gcTime: 10 * 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false, retry: worthRetrying },
    mutations: { retry: false },
  },
})
