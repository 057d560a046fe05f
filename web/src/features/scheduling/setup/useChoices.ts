import { $api } from '~/lib/api'

const all = { params: { query: { limit: 200 } } }

/** The doctors and branches to choose from. */
export function useChoices() {
  const practitioners = $api.useQuery('get', '/api/practitioners', all)
  const facilities = $api.useQuery('get', '/api/facilities', all)
  return {
    practitioners: (practitioners.data?.items ?? []).map(({ id, title, name, specialty }) => ({
      value: id,
      label: [`${title} ${name}`.trim(), specialty].filter(Boolean).join(', '),
    })),
    facilities: (facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
  }
}
