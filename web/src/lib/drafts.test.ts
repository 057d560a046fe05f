import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clearDrafts, dropDraft, readDraft, saveDraft, useDraft } from './drafts'

const hour_ms = 3_600_000
const open = (person = 'rekha') => renderHook(() => useDraft<{ name: string }>(person, 'register'))

describe('a draft', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('survives a reload in the middle of typing', () => {
    const first = open()
    act(() => first.result.current.keep({ name: 'Shab' }))
    act(() => first.result.current.keep({ name: 'Shabana' }))
    act(() => void window.dispatchEvent(new Event('pagehide')))
    expect(open().result.current.kept).toEqual({ name: 'Shabana' })
  })

  it('is written once the typing rests, and says when', () => {
    const { result } = open()
    act(() => result.current.keep({ name: 'S' }))
    expect(readDraft('rekha', 'register')).toBeNull()
    act(() => void vi.advanceTimersByTime(300))
    expect(readDraft('rekha', 'register')?.value).toEqual({ name: 'S' })
    expect(result.current.savedAt).toBe(Date.now())
  })

  it('is gone once sent, also what was about to be written', () => {
    const { result, unmount } = open()
    act(() => result.current.keep({ name: 'S' }))
    act(() => result.current.drop())
    unmount()
    expect(open().result.current.kept).toBeNull()
  })

  it('belongs to one person', () => {
    saveDraft('rekha', 'register', 1)
    saveDraft('rekha', 'walk-in', 2)
    saveDraft('nikhil', 'register', 3)
    expect(open('iyer').result.current.kept).toBeNull()
    clearDrafts('rekha')
    expect(readDraft('rekha', 'walk-in')).toBeNull()
    expect(readDraft('nikhil', 'register')?.value).toBe(3)
  })

  it('does not outlive its half day', () => {
    saveDraft('rekha', 'register', 1, 0)
    expect(readDraft('rekha', 'register', 12 * hour_ms - 1)?.value).toBe(1)
    expect(readDraft('rekha', 'register', 12 * hour_ms)).toBeNull()
    expect(localStorage).toHaveLength(0)
  })

  it('that cannot be read is dropped', () => {
    localStorage.setItem('ar.draft.rekha.register', '{')
    expect(readDraft('rekha', 'register')).toBeNull()
    dropDraft('rekha', 'register')
  })
})
