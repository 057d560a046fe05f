import { MutationObserver, onlineManager } from '@tanstack/react-query'
import { afterEach, expect, it } from 'vitest'
import { ApiProblem } from './api'
import { queryClient } from './query'

afterEach(() => {
  onlineManager.setOnline(true)
  queryClient.clear()
})

it('does not hold a booking back until the network returns', async () => {
  onlineManager.setOnline(false)
  const book = new MutationObserver(queryClient, { mutationFn: () => Promise.reject(new ApiProblem({ code: 'offline' })) })
  await expect(book.mutate()).rejects.toMatchObject({ code: 'offline' })
})
