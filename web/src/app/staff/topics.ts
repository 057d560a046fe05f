import type { Topics } from '~/lib/realtime'

const today = ['/api/practitioners-today', '/api/walk-ins', '/api/stats']
const places = ['/api/slots', '/api/availability', '/api/practitioner-load', '/api/opd-register', '/api/waitlist']

/** What each topic of the socket makes old: all queries at and under these paths are read again. */
export const staffTopics: Topics = {
  appointments: ['/api/appointments', '/api/appointment-series', '/api/no-shows', '/api/queue', '/api/patients', ...places, ...today],
  queue: ['/api/queue', '/api/appointments', '/api/opd-register', ...today],
  schedules: ['/api/schedules', '/api/schedule-exceptions', '/api/queue', ...places, ...today],
  holds: places,
  receipts: ['/api/receipts', '/api/opd-register', '/api/appointments', '/api/fees', '/api/stats'],
  patients: ['/api/patients', '/api/stats'],
  'patient-imports': ['/api/patient-imports'],
  organization: ['/api/organization', '/api/facilities', '/api/departments', '/api/rooms', '/api/schedules', '/api/booking-rules', '/api/practitioners', '/api/staff', '/api/users', '/api/roles', ...today],
  notifications: ['/api/notifications', '/api/stats'],
}
