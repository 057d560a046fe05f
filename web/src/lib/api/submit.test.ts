import { renderHook } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { ApiProblem } from './problem'
import { useIdempotent } from './submit'

type Headers = { 'Idempotency-Key': string }
const once = () => renderHook(useIdempotent).result.current

describe('one filled form', () => {
  it('is sent once by a double click', async () => {
    const submit = once()
    const send = vi.fn(async (_headers: Headers) => 'booked')
    expect(await Promise.all([submit(send), submit(send)])).toEqual(['booked', 'booked'])
    expect(send).toHaveBeenCalledOnce()
  })

  it('keeps its key over a silence', async () => {
    const submit = once()
    const sent: string[] = []
    const send = async (headers: Headers) => {
      sent.push(headers['Idempotency-Key'])
      if (sent.length === 1) throw new ApiProblem({ code: 'offline' })
    }
    await expect(submit(send)).rejects.toMatchObject({ code: 'offline' })
    await submit(send)
    expect(sent[1]).toBe(sent[0])
  })

  it.each([
    ['a refusal', new ApiProblem({ status: 409, code: 'slot_taken' })],
    ['a success', null],
  ])('is another after %s', async (_after, problem) => {
    const submit = once()
    const sent: string[] = []
    const send = async (headers: Headers) => {
      sent.push(headers['Idempotency-Key'])
      if (problem && sent.length === 1) throw problem
    }
    await submit(send).catch(() => undefined)
    await submit(send)
    expect(sent[1]).not.toBe(sent[0])
  })
})
