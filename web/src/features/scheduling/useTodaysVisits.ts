import { useQueries } from '@tanstack/react-query'
import { $api } from '~/lib/api'

const pageOf = 200

/** Everyone of today at a branch, however many: the server gives 200 at a time. '' asks for nobody. */
export function useTodaysVisits(facility_id: string) {
  const path = '/api/appointments/today'
  const from = (skip: number) => ({ params: { query: { facility_id, skip, limit: pageOf } } })
  const first = $api.useQuery('get', path, from(0), { enabled: facility_id !== '' })
  const more = Array.from({ length: Math.max(0, Math.ceil((first.data?.total ?? 0) / pageOf) - 1) }, (_, nth) => (nth + 1) * pageOf)
  const rest = useQueries({
    queries: more.map((skip) => $api.queryOptions('get', path, from(skip))),
    combine: (pages) => pages.flatMap(({ data }) => data?.items ?? []),
  })
  return { ...first, data: first.data && { ...first.data, items: [...first.data.items, ...rest] } }
}
