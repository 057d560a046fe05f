import { expect, it } from 'vitest'
import { leaveBody } from './leaveBody'

const leave = { kind: 'leave', practitioner_id: 'p', facility_id: 'f', schedule_id: 's', from: '2026-12-24', fromTime: '', to: '2026-12-26', toTime: '', reason: ' Wedding ' }

it('takes whole days where no time is told, in the branch\'s zone', () => {
  expect(leaveBody(leave, 'Asia/Kolkata')).toEqual({
    kind: 'leave', practitioner_id: 'p', facility_id: 'f', schedule_id: null,
    starts_at: '2026-12-23T18:30:00.000Z', ends_at: '2026-12-26T18:30:00.000Z', reason: 'Wedding',
  })
})
it('takes the times that are told', () => {
  expect(leaveBody({ ...leave, fromTime: '09:00', to: '2026-12-24', toTime: '13:00' }, 'Asia/Kolkata')).toMatchObject({ starts_at: '2026-12-24T03:30:00.000Z', ends_at: '2026-12-24T07:30:00.000Z' })
})
it('names for a holiday the branch only, for an extra session the schedule only', () => {
  expect(leaveBody({ ...leave, kind: 'holiday' }, 'Asia/Kolkata')).toMatchObject({ practitioner_id: null, facility_id: 'f', schedule_id: null })
  expect(leaveBody({ ...leave, kind: 'extra' }, 'Asia/Kolkata')).toMatchObject({ practitioner_id: null, facility_id: null, schedule_id: 's' })
})
