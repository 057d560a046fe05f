import { beforeEach, describe, expect, it } from 'vitest'
import { me, serve, token } from '~tests/server'
import { readDraft, saveDraft } from '../drafts'
import { queryClient } from '../query'
import { startWords } from '../words'
import { can, passSecondStep, replacePassword, session, signIn, signOut, startSession, switchOrganization, wasSignedIn } from '.'

beforeEach(() => startWords(['lib'], { language: 'en' }))
const welcome = {
  'POST /api/auth/login': () => ({ body: token('t1') }),
  'POST /api/auth/logout': () => ({ status: 204 }),
  'GET /api/me': () => ({ body: me }),
}

describe('opening the page', () => {
  it('finds who has a cookie', async () => {
    serve({ ...welcome, 'POST /api/auth/refresh': () => ({ body: token('t0') }) })
    await startSession()
    expect(session()).toEqual({ status: 'signed-in', me })
    expect(can('appointment.book')).toBe(true)
    expect(can('audit.read')).toBe(false)
    expect(wasSignedIn()).toBe(true)
  })
  it('finds nobody', async () => {
    serve({ 'POST /api/auth/refresh': () => ({ status: 401 }) })
    await startSession()
    expect(session()).toEqual({ status: 'signed-out', because: 'nobody' })
    expect(can('appointment.book')).toBe(false)
    expect(wasSignedIn()).toBe(false)
  })
  it('says that the server is away, and does not sign out', async () => {
    serve({ 'POST /api/auth/refresh': () => ({ status: 503 }) })
    await startSession()
    expect(session()).toMatchObject({ status: 'unreachable' })
  })
})

describe('signing in', () => {
  it('refused leaves everything as it was', async () => {
    serve({ 'POST /api/auth/login': () => ({ status: 401, body: { code: 'unauthenticated' } }) })
    const before = session()
    await expect(signIn('rekha', 'wrong')).rejects.toMatchObject({ status: 401 })
    expect(session()).toBe(before)
  })
  it('with a password given for once asks for one\'s own', async () => {
    const server = serve({
      ...welcome,
      'POST /api/auth/login': async (request) =>
        'new_password' in ((await request.clone().json()) as object) ? { body: token('t1') } : { status: 403, body: { code: 'password_change_required' } },
    })
    await signIn('rekha', 'once')
    expect(session()).toEqual({ status: 'must-change-password', username: 'rekha', password: 'once' })
    await replacePassword('monsoon umbrella')
    expect(server.to('POST /api/auth/login').at(-1)?.body).toEqual({ username: 'rekha', password: 'once', new_password: 'monsoon umbrella' })
    expect(session().status).toBe('signed-in')
  })
  it('with a second step holds both until the code is right', async () => {
    const server = serve({
      ...welcome,
      'POST /api/auth/login': async (request) => {
        const { code } = (await request.clone().json()) as { code?: string }
        if (!code) return { status: 403, body: { code: 'second_factor_needed' } }
        return code === '492039' ? { body: token('t1') } : { status: 422, body: { code: 'wrong_code' } }
      },
    })
    await signIn('rekha', 'once', 'monsoon umbrella')
    const waiting = { status: 'second-step', username: 'rekha', password: 'once', fresh: 'monsoon umbrella' }
    expect(session()).toEqual(waiting)
    await expect(passSecondStep('000000')).rejects.toMatchObject({ code: 'wrong_code' })
    expect(session()).toEqual(waiting)
    await passSecondStep('492039')
    expect(server.to('POST /api/auth/login').at(-1)?.body).toEqual({ username: 'rekha', password: 'once', new_password: 'monsoon umbrella', code: '492039' })
    expect(session().status).toBe('signed-in')
  })
})

describe('leaving', () => {
  beforeEach(async () => {
    serve(welcome)
    await signIn('rekha', 'right')
    saveDraft('u1', 'register', 'half a name')
    queryClient.setQueryData(['get', '/api/patients'], ['a chart'])
  })
  it('forgets drafts, data and rights', async () => {
    await signOut()
    expect(session()).toEqual({ status: 'signed-out', because: 'left', username: undefined })
    expect(readDraft('u1', 'register')).toBeNull()
    expect(queryClient.getQueryCache().getAll()).toEqual([])
    expect(can('appointment.book')).toBe(false)
  })
  it('by locking keeps the draft and the name, and no data', async () => {
    await signOut('locked')
    expect(session()).toEqual({ status: 'signed-out', because: 'locked', username: 'rekha' })
    expect(readDraft('u1', 'register')?.value).toBe('half a name')
    expect(queryClient.getQueryCache().getAll()).toEqual([])
  })
  it('works with no connection', async () => {
    serve({ 'POST /api/auth/logout': () => ({ status: 503 }) })
    await signOut()
    expect(session().status).toBe('signed-out')
  })
})

it('another hospital brings other rights and none of the data read before', async () => {
  const there = { ...me, organization: { ...me.organization, id: 'o2' }, permissions: ['audit.read'] }
  const server = serve({ ...welcome, 'POST /api/auth/switch': () => ({ body: token('t2') }) })
  await signIn('rekha', 'right')
  queryClient.setQueryData(['get', '/api/patients'], ['of the first'])
  serve({ 'POST /api/auth/switch': () => ({ body: token('t2') }), 'GET /api/me': (request) => (request.headers.get('Authorization') === 'Bearer t2' ? { body: there } : { status: 401 }) })
  await switchOrganization('o2')
  expect(can('audit.read')).toBe(true)
  expect(can('appointment.book')).toBe(false)
  expect(queryClient.getQueryCache().getAll()).toEqual([])
  expect(server.to('POST /api/auth/login')).toHaveLength(1)
})
