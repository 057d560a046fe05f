import { addDays, instantOf } from '~/lib/wallTime'

type Kind = 'leave' | 'holiday' | 'extra'
export type LeaveValues = {
  kind: string
  practitioner_id: string | null
  facility_id: string | null
  schedule_id: string | null
  from: string
  fromTime: string
  to: string
  toTime: string
  reason: string
}

/** Days are whole where no time is told: to the last day's midnight. Each kind names only what is its own. */
export function leaveBody(values: LeaveValues, timeZone: string) {
  const kind: Kind = values.kind === 'holiday' || values.kind === 'extra' ? values.kind : 'leave'
  return {
    kind,
    practitioner_id: kind === 'leave' ? values.practitioner_id : null,
    facility_id: kind === 'extra' ? null : values.facility_id,
    schedule_id: kind === 'extra' ? values.schedule_id : null,
    starts_at: instantOf(values.from, values.fromTime || '00:00', timeZone),
    ends_at: values.toTime ? instantOf(values.to, values.toTime, timeZone) : instantOf(addDays(values.to, 1), '00:00', timeZone),
    reason: values.reason.trim(),
  }
}
