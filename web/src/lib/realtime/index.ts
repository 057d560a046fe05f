export type { LiveStatus, ServerEvent } from './connection'
export type { Topics } from './invalidator'
export { retryNow, useLive, useLiveConnection, useLiveEvent } from './live'
