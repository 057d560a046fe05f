import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { session } from '~/lib/session'
import { show } from '~tests/render'
import { me, serve, token } from '~tests/server'
import { CounterLock } from './CounterLock'

const people = [
  { id: 'u1', name: 'Rekha Pawar', needs_password: false },
  { id: 'u2', name: 'Manisha Gokhale', needs_password: false },
  { id: 'u3', name: 'Ganesh Shinde', needs_password: true },
]
const counter = { id: 'c1', name: 'Front desk 1', organization_name: 'Nirmal Hospital', idle_minutes: 3, people }
const take = 'POST /api/counter/sign-in'

const words = ['identity', 'ui', 'lib']

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
})

describe('a locked counter', () => {
  it('is taken by keyboard alone', async () => {
    const server = serve({ [take]: () => ({ body: token('t1') }), 'GET /api/me': () => ({ body: me }) })
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    await userEvent.keyboard('{ArrowDown}{ArrowUp}4826{Enter}')
    await waitFor(() => expect(session().status).toBe('signed-in'))
    expect(server.to(take)[0]?.body).toEqual({ user_id: 'u1', pin: '4826' })
  })
  it('chooses who was here last', async () => {
    sessionStorage.setItem('ar.person', 'u2')
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    expect(screen.getByLabelText('PIN of Manisha Gokhale')).toBe(document.activeElement)
  })
  it('forgets what was typed when another is chosen', async () => {
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    await userEvent.keyboard('48{ArrowDown}')
    expect(screen.getByLabelText<HTMLInputElement>('PIN of Manisha Gokhale').value).toBe('')
  })
  it('sends no PIN that is none', async () => {
    const server = serve({})
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    await userEvent.keyboard('4a8{Enter}')
    expect(screen.getByText('4 to 6 digits')).toBeTruthy()
    expect(server.calls).toEqual([])
  })
  it('refused empties the field, says why, and signs nobody out', async () => {
    serve({ [take]: () => ({ status: 401, body: { code: 'wrong_pin' } }) })
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    await userEvent.keyboard('1357{Enter}')
    expect((await screen.findByRole('alert')).textContent).toContain('This PIN is not right')
    expect(screen.getByLabelText<HTMLInputElement>('PIN of Rekha Pawar').value).toBe('')
  })
  it('counts down after too many tries and sends nothing meanwhile', async () => {
    const server = serve({ [take]: () => ({ status: 429, body: { code: 'too_many_requests', retry_after_s: 5 } }) })
    await show(<CounterLock counter={counter} onPassword={vi.fn()} />, words)
    await userEvent.keyboard('1357{Enter}')
    expect((await screen.findByRole('alert')).textContent).toMatch(/Try again in \d s/)
    await userEvent.keyboard('4826{Enter}')
    expect(server.to(take)).toHaveLength(1)
  })
  it('asks for the password where no PIN is good', async () => {
    const byPassword = vi.fn()
    await show(<CounterLock counter={counter} onPassword={byPassword} />, words)
    await userEvent.keyboard('{ArrowUp}')
    expect(screen.getByText(/Ganesh Shinde signs in with the password here/)).toBeTruthy()
    await userEvent.keyboard('{Enter}')
    expect(byPassword).toHaveBeenCalled()
  })
})
