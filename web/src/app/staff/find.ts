import type { FindSource } from '~/lib/find'

/** What the search box looks through, in the order of its results. Each feature's index gives its source. */
export const findSources: readonly FindSource[] = []
