export { Bell } from './Bell'
export { NotificationList } from './NotificationList'
