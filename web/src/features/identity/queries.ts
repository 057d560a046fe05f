import { $api } from '~/lib/api'

/** Whether this hospital still waits for its first set-up; asked only where nobody is signed in. */
export function useSetupNeeded() {
  const { data, isPending } = $api.useQuery('get', '/api/setup')
  return { isPending, isNeeded: data?.needed ?? false }
}

export const useSessions = () => $api.useQuery('get', '/api/auth/sessions')

export const useRevokeSession = () => $api.useMutation('delete', '/api/auth/sessions/{session_id}')
