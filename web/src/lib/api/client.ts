import createClient, { type Middleware } from 'openapi-fetch'
import createHooks from 'openapi-react-query'
import type { paths } from '~/api/schema'
import { problemFrom } from './problem'
import { provingTransport } from './stepUp'

const refusalsThrow: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemFrom(response)
  },
}

/** `await api.POST('/api/…', {body})`: throws ApiProblem, so `data` is there when it returns. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: provingTransport, credentials: 'same-origin' })
api.use(refusalsThrow)

/** The same calls as hooks: `$api.useQuery('get', '/api/…')`. Their keys are [method, path, init]. */
export const $api = createHooks(api)
