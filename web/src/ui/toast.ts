import { createStore } from '~/lib/store'

/** What happened, with a way back. Never an error: those stay where they arose. */
export type Toast = { title: string; detail?: string; undo?: () => void }
export type Shown = Toast & { id: number }

export const toasts = createStore<readonly Shown[]>([])
const atMost = 3
let last = 0

export function toast(what: Toast) {
  toasts.set([...toasts.get(), { ...what, id: ++last }].slice(-atMost))
}

export const dismiss = (id: number) => toasts.set(toasts.get().filter((one) => one.id !== id))
