import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { speak } from '~/lib/words'
import { show } from '~tests/render'
import { serve } from '~tests/server'
import { Offers } from './Offers'
import { WaitFor } from './WaitFor'
import type { Entry } from './waiting'

const doctor = { id: 'doctor', specialty: 'Cardiology', department_id: 'heart', department_name: 'Heart', department_name_hi: 'हृदय' }
const full = (practitioner = doctor) => <WaitFor patientId="me" practitioner={practitioner} facilityId="here" day="2026-11-24" />
const joins = () => serve({ 'POST /api/waitlist': () => ({ status: 201, body: { place: 2 } }) })

describe('a full day', () => {
  it.each([
    ['This doctor', { practitioner_id: 'doctor' }],
    ['Heart, any doctor', { department_id: 'heart' }],
    ['Cardiology, any doctor', { specialty: 'Cardiology' }],
  ])('lets one wait for %s', async (words, wish) => {
    const server = joins()
    await show(full(), ['scheduling', 'lib'])
    await userEvent.selectOptions(screen.getByLabelText('With'), words)
    await userEvent.click(screen.getByRole('button', { name: 'Put on the waiting list' }))
    await screen.findByText('On the waiting list, place 2')
    expect(server.to('POST /api/waitlist').map(({ body }) => body)).toEqual([
      { patient_id: 'me', ...wish, facility_id: 'here', first_day: '2026-11-24', last_day: '2026-11-24', part_of_day: 'any', reason: null },
    ])
  })

  it('asks nothing where there is only the doctor to wait for', async () => {
    await show(full({ ...doctor, specialty: 'Heart', department_id: null as unknown as string, department_name: 'Heart' }), ['scheduling', 'lib'])
    expect(screen.queryByLabelText('With')).toBeNull()
  })

  it('names the department in Hindi', async () => {
    await show(full(), ['scheduling', 'lib'])
    await speak('hi')
    expect(await screen.findByRole('option', { name: 'हृदय, कोई भी डॉक्टर' })).toBeTruthy()
    await speak('en')
  })
})

describe('who waits for any doctor', () => {
  const entry = {
    id: 'e', practitioner_name: null, department_name: 'Heart', department_name_hi: null, specialty: null, first_day: '2026-11-24', last_day: '2026-11-24',
    part_of_day: 'any', place: 1, offer: null,
  } as unknown as Entry
  const offer = { id: 'o', kind: 'slot', starts_at: '2026-11-24T04:30:00Z', expires_at: '2026-11-23T05:00:00Z', practitioner_name: 'Dr A', facility_name: 'Main' } as Entry['offer']

  it.each([
    ['waiting', entry, 'Waits for Heart, any doctor'],
    ['offered', { ...entry, offer }, 'A place is held'],
  ])('reads so on the phone: %s', async (_what, one, label) => {
    await show(<Offers entries={[one]} named={false} onBooked={() => undefined} />, ['scheduling', 'lib'])
    expect(screen.getByLabelText(label).textContent).toContain('Heart, any doctor')
  })
})
