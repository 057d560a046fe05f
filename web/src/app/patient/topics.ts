import type { Topics } from '~/lib/realtime'

/** What each topic of the socket makes old on the patient's phone. */
export const patientTopics: Topics = {
  appointments: ['/api/appointments', '/api/appointment-series', '/api/slots', '/api/availability', '/api/waitlist'],
  queue: ['/api/appointments'],
  schedules: ['/api/slots', '/api/availability'],
  holds: ['/api/slots', '/api/availability'],
  notifications: ['/api/notifications', '/api/waitlist'],
}
