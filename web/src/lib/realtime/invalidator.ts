import type { QueryClient } from '@tanstack/react-query'

/** Which lists an event's topic makes old: topic → the API paths (and all below them) to read again. */
export type Topics = Record<string, readonly string[]>

const together_ms = 100

const isUnder = (path: unknown, root: string) => typeof path === 'string' && (path === root || path.startsWith(`${root}/`))

/** Gathers what changed and reads it again once per 100 ms, however many events arrive. */
export function createInvalidator(client: QueryClient, topics: Topics) {
  const roots = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const flush = () => {
    timer = undefined
    const stale = [...roots]
    roots.clear()
    void client.invalidateQueries({ predicate: ({ queryKey }) => stale.some((root) => isUnder(queryKey[1], root)) })
  }
  return {
    changed(topic: string) {
      topics[topic]?.forEach((root) => roots.add(root))
      if (roots.size) timer ??= setTimeout(flush, together_ms)
    },
    everything: () => void client.invalidateQueries(),
    stop: () => clearTimeout(timer),
  }
}
