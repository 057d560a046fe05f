import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { ApiProblem } from '~/lib/api'
import { show } from '~tests/render'
import { ConfirmDialog } from './ConfirmDialog'

const ask = (onConfirm: () => unknown, onClose = vi.fn()) =>
  show(<ConfirmDialog opened title="Cancel this appointment?" restate="Pushpa Yadav, 62 F" action="Cancel Pushpa Yadav, 11:10" onConfirm={onConfirm} onClose={onClose} />)

it('restates whom it hits, and first offers the safe way', async () => {
  await ask(vi.fn())
  expect(screen.getByRole('dialog').textContent).toContain('Pushpa Yadav, 62 F')
  expect(document.activeElement?.textContent).toContain('Keep it')
})

it('closes by Esc and does nothing', async () => {
  const [confirm, close] = [vi.fn(), vi.fn()]
  await ask(confirm, close)
  screen.getByRole('dialog').dispatchEvent(new Event('cancel', { cancelable: true }))
  expect(close).toHaveBeenCalledOnce()
  expect(confirm).not.toHaveBeenCalled()
})

it('refused stays open and says why', async () => {
  const close = vi.fn()
  await ask(() => Promise.reject(new ApiProblem({ status: 409, code: 'changed', detail: 'Already checked in at counter 2.' })), close)
  await userEvent.click(screen.getByRole('button', { name: /^Cancel Pushpa/ }))
  expect((await screen.findByRole('alert')).textContent).toContain('Already checked in at counter 2.')
  expect(close).not.toHaveBeenCalled()
})

it('is confirmed once by two clicks', async () => {
  let done = () => {}
  const confirm = vi.fn(() => new Promise<void>((resolve) => (done = resolve)))
  const close = vi.fn()
  await ask(confirm, close)
  await userEvent.dblClick(screen.getByRole('button', { name: /^Cancel Pushpa/ }))
  expect(confirm).toHaveBeenCalledOnce()
  done()
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce())
})
