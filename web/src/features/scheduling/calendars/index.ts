import { lazy } from 'react'

export { AddToCalendar } from './AddToCalendar'
// Apart from the rest: it stands low on its page, and brings a table.
export const CalendarFeeds = lazy(() => import('./CalendarFeeds').then(({ CalendarFeeds }) => ({ default: CalendarFeeds })))
