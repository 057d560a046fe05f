import type { StatusLook } from '~/ui/Status'

/**
 * An appointment's states: the ring fills as the visit goes on. Amber = someone must act, petrol = the person is in the
 * building, green = done, grey = not begun or over. Red is never a state. The words are in i18n under "status".
 */
export const appointmentLooks = {
  pending: { tone: 'attention', ring: 'dashed', fill: 0 },
  booked: { tone: 'neutral', ring: 'solid', fill: 0 },
  arrived: { tone: 'accent', ring: 'solid', fill: 0.33 },
  'checked-in': { tone: 'accent', ring: 'solid', fill: 0.67 },
  called: { tone: 'accent', ring: 'solid', fill: 0.83 },
  skipped: { tone: 'attention', ring: 'solid', fill: 0.67 },
  'in-consultation': { tone: 'accent-solid', ring: 'solid', fill: 1 },
  fulfilled: { tone: 'ok', ring: 'check', fill: 1 },
  cancelled: { tone: 'muted', ring: 'cross', fill: 0 },
  noshow: { tone: 'muted', ring: 'dash', fill: 0 },
} as const satisfies Record<string, StatusLook>

export type AppointmentState = keyof typeof appointmentLooks

const over: readonly AppointmentState[] = ['fulfilled', 'cancelled', 'noshow']
export const isOver = (state: AppointmentState) => over.includes(state)
