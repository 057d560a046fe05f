import type { Topics } from '~/lib/realtime'

/** What the board reads again when the queue moves. */
export const displayTopics: Topics = { queue: ['/api/display'] }
