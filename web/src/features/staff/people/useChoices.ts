import { $api } from '~/lib/api'

const all = { params: { query: { limit: 200 } } }

/** The departments and branches that a person can be put to. */
export function useChoices() {
  const departments = $api.useQuery('get', '/api/departments', all)
  const facilities = $api.useQuery('get', '/api/facilities', all)
  const options = (rows: readonly { id: string; name: string }[] | undefined) => (rows ?? []).map(({ id, name }) => ({ value: id, label: name }))
  return { departments: options(departments.data?.items), facilities: options(facilities.data?.items) }
}
