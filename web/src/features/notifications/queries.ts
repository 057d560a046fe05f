import { $api } from '~/lib/api'

/** How many messages wait for me. */
export const useUnreadCount = () => $api.useQuery('get', '/api/notifications', { params: { query: { limit: 1 } } }).data?.unread ?? 0
