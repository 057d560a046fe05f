import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { queryClient } from '~/lib/query'
import { show } from '~tests/render'
import { serve } from '~tests/server'
import { NotificationList } from './NotificationList'

const about = { appointment_id: 'v1', patient_name: 'Sunita Deshmukh', practitioner_name: 'Dr Kavita Iyer', starts_at: '2026-11-24T04:30:00Z', token_number: 18 }
const told = (template: string, more: object = {}, read_at: string | null = null) => ({ id: template, template, params: { ...about, ...more }, raised_at: '2026-11-23T04:30:00Z', read_at })

const served = (...items: object[]) =>
  serve({
    'GET /api/notifications': () => ({ body: { items, total: items.length, total_capped: false, unread: items.length } }),
    'POST /api/notifications/token.called/read': () => ({ status: 204 }),
  })
const list = (props: Partial<Parameters<typeof NotificationList>[0]> = {}) => show(<NotificationList skip={0} onSkip={vi.fn()} {...props} />, ['notifications', 'ui', 'lib'])

beforeEach(() => queryClient.clear())

it('marks what is opened as read, once, and leads on', async () => {
  const server = served(told('token.called'), told('appointment.confirmed', {}, '2026-11-23T05:00:00Z'))
  const onOpen = vi.fn()
  await list({ onOpen })
  await userEvent.click(await screen.findByText('Token 18 is called: Dr Kavita Iyer'))
  await userEvent.click(screen.getByText(/^Confirmed: Sunita/))
  await waitFor(() => expect(server.calls.filter(({ request }) => request.method === 'POST').map(({ route }) => route)).toEqual(['POST /api/notifications/token.called/read']))
  expect(onOpen).toHaveBeenCalledTimes(2)
  expect(onOpen).toHaveBeenCalledWith(expect.objectContaining({ appointment_id: 'v1' }))
})

it('promises no time that the desk has yet to confirm', async () => {
  served(told('appointment.booked', { status: 'pending' }))
  await list()
  expect(await screen.findByText(/^Sunita Deshmukh asks for .*It waits to be confirmed/)).toBeTruthy()
  expect(screen.queryByText(/is booked/)).toBeNull()
})

it('says that a confirmed one is booked', async () => {
  served(told('appointment.booked', { status: 'booked' }))
  await list()
  expect(await screen.findByText(/^Sunita Deshmukh is booked with Dr Kavita Iyer/)).toBeTruthy()
})

it('leaves no hole in what it says', async () => {
  served(...['token.called', 'appointment.cancelled', 'appointment.rescheduled', 'practitioner.delayed'].map((template) => told(template)))
  await list()
  await screen.findByText(/^Moved/)
  expect(document.body.textContent).not.toContain('{{')
})
