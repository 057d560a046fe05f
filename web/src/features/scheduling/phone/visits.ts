import type { components } from '~/api/schema'

export type Visit = components['schemas']['AppointmentRead']

const open = ['pending', 'booked', 'arrived', 'checked-in']

/** Still to come or under way. */
export const isOpen = ({ status }: Pick<Visit, 'status'>) => open.includes(status)

/** The one that matters now: under way before all others, else the soonest. */
export function nextVisit<V extends Pick<Visit, 'status' | 'starts_at'>>(visits: readonly V[]): V | undefined {
  const inBuilding = visits.find(({ status }) => status === 'checked-in' || status === 'arrived')
  return inBuilding ?? visits.filter(isOpen).sort((a, b) => a.starts_at.localeCompare(b.starts_at))[0]
}

/** The last that was kept: whom to book again. */
export const lastKept = <V extends Pick<Visit, 'status' | 'starts_at'>>(visits: readonly V[]) =>
  visits.filter(({ status }) => status === 'fulfilled').sort((a, b) => b.starts_at.localeCompare(a.starts_at))[0]

/** How far the visit has come: 0 booked, 1 arrived, 2 checked in, 3 with the doctor, 4 over. */
export function stepOf({ status, token }: Pick<Visit, 'status' | 'token'>): number {
  if (status === 'fulfilled') return 4
  if (token?.status === 'in-consultation') return 3
  return status === 'checked-in' ? 2 : status === 'arrived' ? 1 : 0
}

/** In place of a time that is gone: the next free one, else the last before it. `slots`: of one day, in order. */
export function nearestFree<S extends { starts_at: string; status: string }>(slots: readonly S[], gone: string): S | undefined {
  const free = slots.filter(({ status }) => status === 'free')
  return free.find(({ starts_at }) => starts_at > gone) ?? free.at(-1)
}
