import type { components } from '~/api/schema'
import { $api } from '~/lib/api'

export type Stats = components['schemas']['StatsRead']

/** Today's figures of one branch, or of all where none is named. */
export const useStats = (facilityId: string) => $api.useQuery('get', '/api/stats', { params: { query: facilityId ? { facility_id: facilityId } : {} } })
