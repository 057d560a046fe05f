import type { components } from '~/api/schema'
import type { AppointmentState } from '../status'

export type QueueEntry = components['schemas']['QueueEntry']
export type Appointment = components['schemas']['AppointmentRead']

const ended = ['done', 'left', 'moved']

const tokensOwn = ['called', 'skipped', 'in-consultation'] as const

/** How a visit looks: as its token where that says more, else as its appointment stands. */
export function stateOf(visit: Pick<Appointment, 'status' | 'token'>): AppointmentState {
  return tokensOwn.find((state) => state === visit.token?.status) ?? (visit.status as AppointmentState)
}

/** Inside, called and waiting come now; who left or is done comes after. Skipped ones stay: they may come back. */
export const isNow = (entry: Pick<QueueEntry, 'status'>) => !ended.includes(entry.status)

export const insideOf = <Entry extends Pick<QueueEntry, 'status'>>(entries: readonly Entry[]) =>
  entries.find(({ status }) => status === 'in-consultation') ?? entries.find(({ status }) => status === 'called')

/** Who "next" would call: the first that waits. */
export const nextOf = <Entry extends Pick<QueueEntry, 'status'>>(entries: readonly Entry[]) => entries.find(({ status }) => status === 'waiting')
