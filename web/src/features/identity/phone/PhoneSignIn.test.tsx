import { act, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { session } from '~/lib/session'
import { show } from '~tests/render'
import { me, serve, token } from '~tests/server'
import { PhoneSignIn } from './PhoneSignIn'

const code_id = '0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d'
const asked = (again_in_s = 30) => ({ status: 202, body: { code_id, expires_in_s: 300, again_in_s } })
const patient = { ...me, organization: null, permissions: ['account.own'], has_password: false }


async function toTheCode() {
  await show(<PhoneSignIn because="nobody" />, ['identity', 'ui', 'lib'])
  await userEvent.type(screen.getByLabelText('Mobile number'), '9000011207')
  await userEvent.click(screen.getByRole('button', { name: 'Send me a code' }))
  return screen.findByLabelText('Code from the message')
}

describe('the number', () => {
  it('with too few digits is asked again, and nothing is sent', async () => {
    const server = serve({})
    await show(<PhoneSignIn because="nobody" />, ['identity', 'ui', 'lib'])
    await userEvent.type(screen.getByLabelText('Mobile number'), '98765')
    await userEvent.click(screen.getByRole('button', { name: 'Send me a code' }))
    expect(screen.getByText('A mobile number has 10 digits; this one has 5')).toBeTruthy()
    expect(server.calls).toEqual([])
  })

  it('asked for too often says how long to wait', async () => {
    serve({ 'POST /api/auth/code': () => ({ status: 429, body: { code: 'too_many_requests', retry_after_s: 60 } }) })
    await show(<PhoneSignIn because="nobody" />, ['identity', 'ui', 'lib'])
    await userEvent.type(screen.getByLabelText('Mobile number'), '9000011207')
    await userEvent.click(screen.getByRole('button', { name: 'Send me a code' }))
    expect((await screen.findByRole('alert')).textContent).toMatch(/Too many tries\. Try again in \d+ s/)
  })
})

describe('the code', () => {
  it('is sent by its sixth digit, once, and lets in', async () => {
    const server = serve({
      'POST /api/auth/code': () => asked(),
      'POST /api/auth/code/sign-in': () => ({ body: token('t1') }),
      'GET /api/me': () => ({ body: patient }),
    })
    await userEvent.type(await toTheCode(), '12 34 56')
    expect(server.to('POST /api/auth/code/sign-in').map(({ body }) => body)).toEqual([{ code_id, code: '123456', language: 'en', client: 'browser' }])
    expect(session().status).toBe('signed-in')
  })

  it('that is wrong stays there to be mended', async () => {
    serve({ 'POST /api/auth/code': () => asked(), 'POST /api/auth/code/sign-in': () => ({ status: 401, body: { code: 'phone_code_wrong' } }) })
    const field = await toTheCode()
    await userEvent.type(field, '123456')
    expect((await screen.findByRole('alert')).textContent).toContain('This is not the code')
    expect((field as HTMLInputElement).value).toBe('123456')
  })

  it('is sent again only when the countdown is over', async () => {
    const server = serve({ 'POST /api/auth/code': (_request, times) => asked(times === 1 ? 1 : 60) })
    await toTheCode()
    expect(screen.getByRole('timer').textContent).toMatch(/Another code in 0:0[01]/)
    expect(screen.queryByRole('button', { name: 'Send another code' })).toBeNull()
    await act(() => new Promise((done) => setTimeout(done, 2100)))
    await userEvent.click(screen.getByRole('button', { name: 'Send another code' }))
    expect(server.to('POST /api/auth/code')).toHaveLength(2)
    expect((await screen.findByRole('timer')).textContent).toMatch(/0:59|1:0[01]/)
  })
})
