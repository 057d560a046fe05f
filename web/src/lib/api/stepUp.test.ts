import { renderHook } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { serve } from '~tests/server'
import { api } from './client'
import { useStepUpAsked } from './stepUp'
import { setAccessToken } from './transport'

const url = '/api/me/second-factor/recovery-codes'
const asked = () => renderHook(useStepUpAsked).result.current
const refused = { status: 403, body: { code: 'step_up_needed', opens_window: false } }

beforeEach(() => setAccessToken('t'))

describe('a request that needs a fresh proof', () => {
  it('is sent again as it was once there is one', async () => {
    const server = serve({ 'POST /api/me/email': (_request, times) => (times === 1 ? refused : { status: 202, body: null }) })
    const sent = api.POST('/api/me/email', { body: { email: 'asha@mail.example' } })
    await vi.waitFor(() => expect(asked()).not.toBeNull())
    asked()?.answer(true)
    await sent
    expect(server.to('POST /api/me/email').map(({ body }) => body)).toEqual([{ email: 'asha@mail.example' }, { email: 'asha@mail.example' }])
    expect(asked()).toBeNull()
  })

  it('stays refused where nobody proves anything', async () => {
    const server = serve({ [`POST ${url}`]: () => refused })
    const sent = api.POST(url)
    await vi.waitFor(() => expect(asked()).not.toBeNull())
    asked()?.answer(false)
    await expect(sent).rejects.toMatchObject({ code: 'step_up_needed' })
    expect(server.to(`POST ${url}`)).toHaveLength(1)
  })

  it('asks once for all that wait', async () => {
    serve({ [`POST ${url}`]: (_request, times) => (times < 3 ? refused : { body: { codes: [] } }) })
    const both = Promise.all([api.POST(url), api.POST(url)])
    await vi.waitFor(() => expect(asked()).not.toBeNull())
    await new Promise((go) => setTimeout(go, 20))
    asked()?.answer(true)
    expect((await both).map(({ data }) => data)).toEqual([{ codes: [] }, { codes: [] }])
  })

  it('of another refusal nobody is asked', async () => {
    serve({ [`POST ${url}`]: () => ({ status: 403, body: { code: 'forbidden' } }) })
    await expect(api.POST(url)).rejects.toMatchObject({ code: 'forbidden' })
    expect(asked()).toBeNull()
  })
})
