import { useQuery } from '@tanstack/react-query'
import { $api } from '~/lib/api'
import { queryClient } from '~/lib/query'

const setup = $api.queryOptions('get', '/api/setup')

/** Whether this hospital still waits for its first set-up; asked only where nobody is signed in. */
export function useSetupNeeded() {
  const { data, isPending } = useQuery(setup)
  return { isPending, isNeeded: data?.needed ?? false }
}

export const askWhetherSetupNeeded = () => queryClient.prefetchQuery(setup)

export const useSessions = () => $api.useQuery('get', '/api/auth/sessions')

export const useRevokeSession = () => $api.useMutation('delete', '/api/auth/sessions/{session_id}')
