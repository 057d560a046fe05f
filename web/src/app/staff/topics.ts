import type { Topics } from '~/lib/realtime'

const today = ['/api/practitioners-today', '/api/walk-ins', '/api/stats']
const places = ['/api/slots', '/api/availability', '/api/waitlist']

/** What each topic of the socket makes old: all queries at and under these paths are read again. */
export const staffTopics: Topics = {
  appointments: ['/api/appointments', '/api/queue', '/api/patients', ...places, ...today],
  queue: ['/api/queue', '/api/appointments', ...today],
  schedules: ['/api/schedules', '/api/schedule-exceptions', '/api/queue', ...places, ...today],
  receipts: ['/api/receipts', '/api/appointments', '/api/fees', '/api/stats'],
  patients: ['/api/patients', '/api/stats'],
  organization: ['/api/organization', '/api/facilities', '/api/departments', '/api/booking-rules', '/api/practitioners', '/api/staff', '/api/users', ...today],
  notifications: ['/api/notifications', '/api/stats'],
}
