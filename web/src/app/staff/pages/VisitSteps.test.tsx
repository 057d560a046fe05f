import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import type { QueueEntry, Visit } from '~/features/scheduling'
import { queryClient } from '~/lib/query'
import { signIn } from '~/lib/session'
import { startWords } from '~/lib/words'
import { show } from '~tests/render'
import { me, serve, token } from '~tests/server'
import { DeskSide } from './DeskSide'

const visitOf = (number: number, status: string): Visit =>
  ({
    id: `visit-${number}`, patient_id: `patient-${number}`, patient: { name: `Patient ${number}`, mrn: `NH-${number}`, gender: 'female', age_years: 34 }, practitioner_id: 'doctor', practitioner_name: 'Dr A',
    practitioner_kind: 'practitioner', facility_id: 'here', kind: 'walk-in', status: 'checked-in', starts_at: new Date().toISOString(), notes: '', fee_paise: 0, receipt: null,
    token: { id: `token-${number}`, number, status, called_at: null, is_priority: false },
  }) as unknown as Visit
const entryOf = (visit: Visit) => ({ token_id: visit.token!.id, number: visit.token!.number, status: visit.token!.status, appointment: visit }) as QueueEntry
const words = ['scheduling', 'patients', 'ui', 'lib']
const second = visitOf(2, 'waiting')

async function desk(permissions: string[], visit: Visit | undefined, practitioner_id: string | null = 'doctor') {
  const queue = [...(visit ? [visit] : []), second].map(entryOf)
  const server = serve({
    'POST /api/auth/login': () => ({ body: token('t') }),
    'GET /api/me': () => ({ body: { ...me, permissions, practitioner_id } }),
    'GET /api/queue': () => ({ body: { items: queue, total: queue.length } }),
    'POST /api/queue/token-1/start': () => ({ body: queue[0] }),
    'POST /api/queue/call-next': () => ({ body: { finished: null, called: entryOf({ ...second, token: { ...second.token!, status: 'called' } }) } }),
    'POST /api/appointments/visit-1/fulfil': () => ({ body: visit }),
  })
  queryClient.clear()
  await startWords(words, { language: 'en' })
  await signIn('somebody', 'a password')
  const onDoing = vi.fn()
  const nothing = () => undefined
  await show(
    <DeskSide
      doing={visit ? { what: 'visit', visitId: visit.id, visit } : { what: 'nothing' }} visit={visit} search="" practitioners={[]} doctorId={null} facilityId="here"
      onDoctor={nothing} onDoing={onDoing} onPaper={nothing} onPrint={nothing} onCancel={nothing} onStart={nothing}
    />,
    words,
  )
  return { server, onDoing }
}
const asDoctor = ['visit.receive', 'visit.fulfil', 'queue.read', 'queue.call']
const asReception = asDoctor.filter((one) => one !== 'visit.fulfil')
const asked = (server: Awaited<ReturnType<typeof desk>>['server']) => server.calls.map(({ route }) => route).filter((route) => route.includes('queue') || route.includes('fulfil'))

describe('a doctor at the desk', () => {
  it('lets in who was called', async () => {
    const { server } = await desk(asDoctor, visitOf(1, 'called'))
    await screen.findByRole('button', { name: /Token 1, Patient 1 is in/ })
    await userEvent.keyboard('{Control>}{Enter}{/Control}')
    await vi.waitFor(() => expect(server.to('POST /api/queue/token-1/start')).toHaveLength(1))
  })

  it('finishes who is inside and comes to who is called then', async () => {
    const { server, onDoing } = await desk(asDoctor, visitOf(1, 'in-consultation'))
    await userEvent.click(await screen.findByRole('button', { name: /Finish and call 2, Patient 2/ }))
    await vi.waitFor(() => expect(onDoing).toHaveBeenCalledWith(expect.objectContaining({ what: 'visit', visitId: 'visit-2' })))
    expect(server.to('POST /api/queue/call-next').map(({ body }) => body)).toEqual([{ practitioner_id: 'doctor', facility_id: 'here', finishing: 'token-1' }])
  })

  it.each(['waiting', 'skipped', 'done'])('is asked for nothing of a visit that is %s', async (status) => {
    const { server } = await desk(asDoctor, visitOf(1, status))
    await screen.findByRole('region', { name: 'Visit' })
    expect(screen.queryByRole('region', { name: 'This visit' })).toBeNull()
    expect(asked(server)).toEqual([])
  })

  it('calls who waits first where nobody is at the counter', async () => {
    const { onDoing } = await desk(asDoctor, undefined)
    await screen.findByRole('button', { name: /Call 2, Patient 2/ })
    await userEvent.keyboard('n')
    await vi.waitFor(() => expect(onDoing).toHaveBeenCalledWith(expect.objectContaining({ what: 'visit', visitId: 'visit-2' })))
  })
})

describe('reception at the desk', () => {
  it.each(['called', 'in-consultation'])('has no step more for a visit that is %s', async (status) => {
    const { server } = await desk(asReception, visitOf(1, status), null)
    await screen.findByRole('region', { name: 'Visit' })
    expect(screen.queryByRole('region', { name: 'This visit' })).toBeNull()
    expect(asked(server)).toEqual([])
  })

  it('asks for no queue of its own', async () => {
    const { server } = await desk(asReception, undefined)
    await screen.findByText('Who is at the counter?')
    expect(asked(server)).toEqual([])
  })
})
