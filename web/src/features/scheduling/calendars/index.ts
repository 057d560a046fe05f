export { AddToCalendar } from './AddToCalendar'
export { CalendarFeeds } from './CalendarFeeds'
