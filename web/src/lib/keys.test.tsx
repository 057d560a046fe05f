import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { chordOf, keyLabel, keys, useActiveKeys, useKeys } from './keys'

function Screen({ onCall, inDialog = false, children }: { onCall?: (() => void) | null; inDialog?: boolean; children?: React.ReactNode }) {
  useKeys({ call: onCall }, { inDialog })
  return <div>{children}</div>
}
const press = (key: string, code: string, more: Partial<KeyboardEvent> = {}) =>
  chordOf({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more })

describe('the registry', () => {
  it('gives no key two meanings', () => expect(new Set(Object.values(keys)).size).toBe(Object.keys(keys).length))
  it('prints caps as people know them', () => {
    expect(keyLabel('recall')).toBe('Shift N')
    expect(keyLabel('back')).toBe('Esc')
  })
})

describe('a key', () => {
  it('is the letter on the cap, whatever the layout writes', () => {
    expect(press('ण', 'KeyN')).toBe('N')
    expect(press('N', 'KeyN', { shiftKey: true })).toBe('Shift+N')
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?')
    expect(press('k', 'KeyK', { metaKey: true })).toBe('Ctrl+K')
    expect(press('n', 'KeyN', { altKey: true })).toBeNull()
  })

  it('acts outside fields only', async () => {
    const call = vi.fn()
    const { getByRole } = render(<Screen onCall={call}><input aria-label="Name" /></Screen>)
    await userEvent.keyboard('n')
    expect(call).toHaveBeenCalledOnce()
    await userEvent.type(getByRole('textbox'), 'n')
    expect(call).toHaveBeenCalledOnce()
    expect(getByRole('textbox')).toHaveProperty('value', 'n')
  })

  it('goes to the part shown last', async () => {
    const [below, above] = [vi.fn(), vi.fn()]
    render(<Screen onCall={below} />)
    const upper = render(<Screen onCall={above} />)
    await userEvent.keyboard('n')
    expect(above).toHaveBeenCalledOnce()
    expect(below).not.toHaveBeenCalled()
    upper.unmount()
    await userEvent.keyboard('n')
    expect(below).toHaveBeenCalledOnce()
  })

  it('rests under an open dialog, and works in it', async () => {
    const [page, dialog] = [vi.fn(), vi.fn()]
    render(<Screen onCall={page} />)
    const open = render(<dialog open />)
    await userEvent.keyboard('n')
    expect(page).not.toHaveBeenCalled()
    render(<Screen onCall={dialog} inDialog />)
    await userEvent.keyboard('n')
    expect(dialog).toHaveBeenCalledOnce()
    open.unmount()
  })

  it('that has nothing to do is not listed', () => {
    const List = () => <output>{useActiveKeys().join()}</output>
    const { getByRole, rerender } = render(<><Screen onCall={null} /><List /></>)
    expect(getByRole('status').textContent).toBe('')
    rerender(<><Screen onCall={() => {}} /><List /></>)
    expect(getByRole('status').textContent).toBe('call')
  })
})
