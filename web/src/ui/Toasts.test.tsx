import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { show } from '~tests/render'
import { toast, toasts } from './toast'
import { Toasts } from './Toasts'

beforeEach(async () => {
  await show(<Toasts />)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  toasts.set([])
})
const shown = () => screen.queryByText('Token 18 printed')

it('stays six seconds, longer while someone reads it', () => {
  act(() => toast({ title: 'Token 18 printed' }))
  fireEvent.mouseEnter(shown() as HTMLElement)
  act(() => void vi.advanceTimersByTime(20_000))
  expect(shown()).toBeTruthy()
  fireEvent.mouseLeave(shown()?.parentElement?.parentElement as HTMLElement)
  act(() => void vi.advanceTimersByTime(5_999))
  expect(shown()).toBeTruthy()
  act(() => void vi.advanceTimersByTime(1))
  expect(shown()).toBeNull()
})

it('takes back the last one by its button or by U, once', () => {
  const [first, second] = [vi.fn(), vi.fn()]
  act(() => toast({ title: 'First', undo: first }))
  act(() => toast({ title: 'Token 18 printed', undo: second }))
  act(() => void fireEvent.keyDown(document.body, { key: 'u', code: 'KeyU' }))
  expect(second).toHaveBeenCalledOnce()
  expect(first).not.toHaveBeenCalled()
  expect(shown()).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: /Undo/ }))
  expect(first).toHaveBeenCalledOnce()
})
