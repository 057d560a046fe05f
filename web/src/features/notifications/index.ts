export { NotificationList } from './NotificationList'
export { useUnreadCount } from './queries'
