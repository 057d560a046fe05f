import { act, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { session } from '~/lib/session'
import { me, serve, token } from '~tests/server'
import { show } from '~tests/render'
import { SignIn } from './SignIn'

const words = ['identity', 'ui', 'lib']
const type = async (username: string, password: string) => {
  if (username) await userEvent.type(screen.getByLabelText('Username, e-mail or phone'), username)
  if (password) await userEvent.type(screen.getByLabelText('Password'), password)
  await userEvent.keyboard('{Enter}')
}

describe('signing in', () => {
  it('by keyboard alone', async () => {
    serve({ 'POST /api/auth/login': () => ({ body: token('t') }), 'GET /api/me': () => ({ body: me }) })
    await show(<SignIn because="nobody" />, words)
    await userEvent.keyboard('reception{Tab}arogya-demo{Enter}')
    await vi.waitFor(() => expect(session().status).toBe('signed-in'))
  })

  it('with an empty field goes to it and asks nobody', async () => {
    const server = serve({})
    await show(<SignIn because="nobody" />, words)
    await type('reception', '')
    expect(screen.getByText('Write your password')).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByLabelText('Password'))
    expect(server.calls).toEqual([])
  })

  it('refused says so without telling which of the two was wrong', async () => {
    serve({ 'POST /api/auth/login': () => ({ status: 401, body: { code: 'wrong_credentials', detail: 'x' } }) })
    await show(<SignIn because="nobody" />, words)
    await type('reception', 'wrong')
    expect((await screen.findByRole('alert')).textContent).toContain('do not go together')
    expect(document.activeElement).toBe(screen.getByLabelText('Password'))
  })

  it('too often counts down, sends nothing meanwhile, then may be tried', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const server = serve({ 'POST /api/auth/login': () => ({ status: 429, body: { code: 'too_many_requests', retry_after_s: 30 } }) })
    await show(<SignIn because="nobody" />, words)
    await type('reception', 'wrong')
    expect((await screen.findByRole('alert')).textContent).toMatch(/Try again in (30|29) s/)
    await userEvent.keyboard('{Enter}')
    expect(server.to('POST /api/auth/login')).toHaveLength(1)
    act(() => void vi.advanceTimersByTime(31_000))
    expect(screen.getByText('You can try again now.')).toBeTruthy()
    await userEvent.keyboard('{Enter}')
    await vi.waitFor(() => expect(server.to('POST /api/auth/login')).toHaveLength(2))
    vi.useRealTimers()
  })

  it('after a lock asks only for the password, or for someone else', async () => {
    await show(<SignIn because="locked" username="rekha" />, words)
    expect(screen.getByLabelText('Username, e-mail or phone')).toHaveProperty('value', 'rekha')
    expect(document.activeElement).toBe(screen.getByLabelText('Password'))
    await userEvent.click(screen.getByRole('button', { name: 'Someone else' }))
    expect(screen.getByLabelText('Username, e-mail or phone')).toHaveProperty('value', '')
  })
})
