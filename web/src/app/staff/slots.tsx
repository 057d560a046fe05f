import { createContext, use, type ReactNode } from 'react'
import { createPortal } from 'react-dom'

/** The two places in the top bar that a page may fill while it is open. */
export const SlotContext = createContext<{ left: HTMLElement | null; right: HTMLElement | null }>({ left: null, right: null })

/** In place of the shell's search box: the counter's own. */
export function TopBarLeft({ children }: { children: ReactNode }) {
  const { left } = use(SlotContext)
  return left && createPortal(children, left)
}

/** Before the Live mark: one button about the whole page, such as "On a break". */
export function TopBarRight({ children }: { children: ReactNode }) {
  const { right } = use(SlotContext)
  return right && createPortal(children, right)
}
