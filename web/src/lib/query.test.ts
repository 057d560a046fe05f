import { MutationObserver, onlineManager } from '@tanstack/react-query'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from './api'
import { queryClient } from './query'

afterEach(() => {
  onlineManager.setOnline(true)
  queryClient.clear()
  vi.useRealTimers()
})

it('does not hold a booking back until the network returns', async () => {
  onlineManager.setOnline(false)
  const book = new MutationObserver(queryClient, { mutationFn: () => Promise.reject(new ApiProblem({ code: 'offline' })) })
  await expect(book.mutate()).rejects.toMatchObject({ code: 'offline' })
})

describe('a server that has too much to do', () => {
  const busy = new ApiProblem({ status: 503, code: 'unavailable', retry_after_s: '2' })
  const asked = (error: ApiProblem) => {
    vi.useFakeTimers()
    const read = vi.fn(() => Promise.reject(error))
    const answer = queryClient.fetchQuery({ queryKey: ['read'], queryFn: read })
    answer.catch(() => {})
    return { read, answer }
  }

  it('is asked again when it says, and not all at the same moment', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { read } = asked(busy)
    await vi.advanceTimersByTimeAsync(2_900)
    expect(read).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('is asked five times more, then it is said', async () => {
    const { read, answer } = asked(busy)
    await vi.advanceTimersByTimeAsync(30_000)
    await expect(answer).rejects.toMatchObject({ code: 'unavailable' })
    expect(read).toHaveBeenCalledTimes(6)
  })

  it('but says not when is asked twice more, and a refusal never', async () => {
    const fault = asked(new ApiProblem({ status: 503, code: 'http_503' }))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(fault.read).toHaveBeenCalledTimes(3)
    queryClient.clear()
    const refused = asked(new ApiProblem({ status: 404, code: 'not_found' }))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(refused.read).toHaveBeenCalledTimes(1)
  })
})
