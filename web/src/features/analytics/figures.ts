import type { Stats } from './queries'

export type Figure = {
  id: string
  value: number | null
  /** The usual at this hour of this weekday, null where there is no history. */
  usual: number | null
  spark: readonly number[]
  /** More of it is good, bad, or neither. */
  more: 'good' | 'bad' | 'neither'
  of?: number
  /** Beyond what should be: amber. */
  isOver: boolean
}

const longWait_minutes = 45

/** The figures that exist today, in the order in which a head of the house reads them. */
export function figuresOf(stats: Stats): Figure[] {
  const { appointments_today: today, compared, sparks } = stats
  const plain = { usual: null, spark: [], more: 'neither', isOver: false } as const satisfies Partial<Figure>
  return [
    { id: 'seen', value: today.fulfilled ?? 0, of: today.total ?? 0, usual: compared.seen, spark: sparks.seen, more: 'good', isOver: false },
    { id: 'waiting', value: stats.waiting_now, usual: compared.waiting, spark: sparks.waiting, more: 'bad', isOver: false },
    { id: 'medianWait', value: stats.median_wait_minutes, usual: compared.median_wait, spark: sparks.median_wait, more: 'bad', isOver: (stats.median_wait_minutes ?? 0) > longWait_minutes },
    { id: 'noshows', value: today.noshow ?? 0, usual: compared.noshows, spark: sparks.noshows, more: 'bad', isOver: false },
    { id: 'newPatients', value: stats.patients.new_today, usual: compared.new_patients, spark: sparks.new_patients, more: 'good', isOver: false },
    { ...plain, id: 'doctors', value: stats.doctors.available, of: stats.doctors.total },
    { ...plain, id: 'pending', value: stats.pending_bookings, isOver: stats.pending_bookings > 0 },
    { ...plain, id: 'patients', value: stats.patients.active, of: stats.patients.total },
  ]
}

/** Rounded difference from the usual; null where there is nothing to compare with. */
export const differenceOf = ({ value, usual }: Pick<Figure, 'value' | 'usual'>) => (value === null || usual === null ? null : Math.round(value - usual))

/** Whether a difference is welcome. */
export function moodOf(difference: number, more: Figure['more']): 'good' | 'attention' | 'plain' {
  if (difference === 0 || more === 'neither') return 'plain'
  return difference > 0 === (more === 'good') ? 'good' : 'attention'
}
