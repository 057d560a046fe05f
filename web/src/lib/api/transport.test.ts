import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { serve, token } from '~tests/server'
import { api } from './client'
import { asProblem, type ApiProblem } from './problem'
import { onSessionLost, setAccessToken } from './transport'

const bearer = (request: Request) => request.headers.get('Authorization')
const refusalOf = (promise: Promise<unknown>): Promise<ApiProblem> => promise.then(() => expect.fail('was not refused'), asProblem)

beforeEach(() => setAccessToken('old'))
afterEach(() => onSessionLost(() => {}))

describe('an access token that has run out', () => {
  it('is renewed once for all who wait, and their requests are sent again whole', async () => {
    const server = serve({
      'POST /api/auth/refresh': () => ({ body: token('new') }),
      'GET /api/me': (request) => (bearer(request) === 'Bearer new' ? { body: {} } : { status: 401 }),
      'POST /api/auth/password': (request) => ({ status: bearer(request) === 'Bearer new' ? 204 : 401 }),
    })
    const body = { current: 'one', new: 'two' }
    await Promise.all([api.GET('/api/me'), api.GET('/api/me'), api.POST('/api/auth/password', { body })])
    expect(server.to('POST /api/auth/refresh')).toHaveLength(1)
    expect(server.to('POST /api/auth/password').map((call) => call.body)).toEqual([body, body])
  })

  it('that cannot be renewed ends the session', async () => {
    const lost = vi.fn()
    onSessionLost(lost)
    serve({ 'POST /api/auth/refresh': () => ({ status: 401 }), 'GET /api/me': () => ({ status: 401, body: { code: 'unauthenticated' } }) })
    expect((await refusalOf(api.GET('/api/me'))).code).toBe('unauthenticated')
    expect(lost).toHaveBeenCalledOnce()
  })

  it('does not end the session because the server is away', async () => {
    const lost = vi.fn()
    onSessionLost(lost)
    serve({ 'POST /api/auth/refresh': () => ({ status: 503 }), 'GET /api/me': () => ({ status: 401 }) })
    expect((await refusalOf(api.GET('/api/me'))).status).toBe(503)
    expect(lost).not.toHaveBeenCalled()
  })
})

describe('a renewal asked for before this code was here', () => {
  const answers = () =>
    serve({
      'POST /api/auth/refresh': () => ({ body: token('asked here') }),
      'GET /api/me': (request) => (bearer(request) === 'Bearer old' ? { status: 401 } : { body: { bearer: bearer(request) } }),
    })
  const early = (answer: Promise<Response>) => void (window.arogyaRenewal = answer)

  it('is taken once', async () => {
    const server = answers()
    early(Promise.resolve(Response.json(token('asked early'))))
    expect((await api.GET('/api/me')).data).toEqual({ bearer: 'Bearer asked early' })
    expect(server.to('POST /api/auth/refresh')).toHaveLength(0)
    expect(window.arogyaRenewal).toBeUndefined()
  })

  it('and lost on the way is asked for again', async () => {
    const server = answers()
    early(Promise.reject(new TypeError('Failed to fetch')))
    expect((await api.GET('/api/me')).data).toEqual({ bearer: 'Bearer asked here' })
    expect(server.to('POST /api/auth/refresh')).toHaveLength(1)
  })
})

it('a wrong password is not taken for a lost session', async () => {
  const server = serve({ 'POST /api/auth/login': () => ({ status: 401, body: { code: 'unauthenticated' } }) })
  await refusalOf(api.POST('/api/auth/login', { body: { username: 'a', password: 'b' } }))
  expect(server.to('POST /api/auth/refresh')).toHaveLength(0)
})

describe('a refusal', () => {
  it('says what, where and its reference', async () => {
    serve({
      'POST /api/setup': () => ({
        status: 422,
        body: { type: 'urn:x', code: 'invalid', title: 'T', detail: 'D', fields: [{ name: 'code', code: 'invalid', message: 'M' }], patient_id: 'p7' },
        headers: { 'X-Request-ID': '7F3A-19' },
      }),
    })
    const problem = await refusalOf(api.POST('/api/setup', { body: {} as never }))
    expect(problem).toMatchObject({ status: 422, code: 'invalid', detail: 'D', request_id: '7F3A-19', extra: { patient_id: 'p7' } })
    expect(problem.fields).toEqual([{ name: 'code', code: 'invalid', message: 'M' }])
    expect(problem.isSilence).toBe(false)
  })

  it('that is no JSON still has a code', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }))
    expect((await refusalOf(api.GET('/api/me'))).code).toBe('http_502')
  })

  it('says how long to wait', async () => {
    serve({ 'POST /api/auth/login': () => ({ status: 429, body: { code: 'too_many_requests' }, headers: { 'Retry-After': '32' } }) })
    const problem = await refusalOf(api.POST('/api/auth/login', { body: { username: 'a', password: 'b' } }))
    expect(problem.retryAfter_s).toBe(32)
  })
})

describe('a silence', () => {
  it('of the network is offline', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))
    expect(await refusalOf(api.GET('/api/me'))).toMatchObject({ code: 'offline', status: 0, isSilence: true })
  })

  it('of the server is a timeout', async () => {
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late)
    serve({ 'GET /api/me': () => ({}) })
    expect((await refusalOf(api.GET('/api/me'))).code).toBe('timeout')
  })

  it('that was asked for is neither', async () => {
    const leaving = new AbortController()
    vi.stubGlobal('fetch', (_request: Request, { signal }: RequestInit) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new DOMException('left', 'AbortError')))))
    const asked = api.GET('/api/me', { signal: leaving.signal })
    leaving.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})
