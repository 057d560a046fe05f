import { useEffect, useRef } from 'react'
import { createStore } from './store'

/**
 * The one place where each key has one meaning. A screen asks for a meaning, never for a letter:
 *   useKeys({ arrived: () => …, checkIn: row && (() => …) })
 * Single letters act outside fields only. Where two screens parts want the same meaning, the one shown last gets it.
 */
export const keys = {
  find: '/',
  findAnywhere: 'Ctrl+K',
  help: '?',
  back: 'Escape',
  down: 'ArrowDown',
  up: 'ArrowUp',
  choose: 'Enter',
  finishAndCall: 'Ctrl+Enter',
  first: '1',
  second: '2',
  third: '3',
  newPatient: 'F2',
  unknownPatient: 'F3',
  babyOf: 'F4',
  medicoLegal: 'F6',
  arrived: 'A',
  bookLater: 'B',
  checkIn: 'C',
  doctorField: 'D',
  edit: 'E',
  confirm: 'F',
  columns: 'G',
  history: 'H',
  next: 'J',
  before: 'K',
  lock: 'Shift+L',
  move: 'M',
  call: 'N',
  recall: 'Shift+N',
  open: 'O',
  print: 'P',
  priority: 'Q',
  reasonField: 'R',
  skip: 'S',
  today: 'T',
  undo: 'U',
  noShow: 'V',
  walkIn: 'W',
  cancel: 'X',
  dayBefore: '[',
  dayAfter: ']',
} as const

export type KeyMeaning = keyof typeof keys
type Handlers = Partial<Record<KeyMeaning, (() => void) | null | undefined | false>>
type Registration = { handlers: Handlers; inDialog: boolean }

const registrations = createStore<readonly Registration[]>([])

/** What is printed on the cap: "A", "Shift N", "Esc". */
export const keyLabel = (meaning: KeyMeaning): string =>
  keys[meaning].replace('Escape', 'Esc').replace('ArrowDown', '↓').replace('ArrowUp', '↑').replace('+', ' ')

/** The key as the registry writes it. A letter typed on a Hindi layout counts as the letter printed on the key. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string | null {
  if (event.altKey) return null
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]
  const key = letter ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key)
  const shift = event.shiftKey && (letter || event.key.length > 1) ? 'Shift+' : ''
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${shift}${key}`
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))

/** Function keys and chords are safe while typing; a letter, a digit, an arrow or Enter belongs to the field. */
const actsInFields = (chord: string) => chord.startsWith('Ctrl+') || /^F\d+$/.test(chord)

/** Enter and arrows belong to the button, link or list that has the focus. */
const belongsToTarget = (chord: string, target: EventTarget | null) =>
  (chord === 'Enter' || chord.startsWith('Arrow')) &&
  target instanceof Element &&
  target.closest('button, a, summary, [role=grid], [role=listbox], [role=menu], [role=combobox], [role=radiogroup], [role=tablist]') !== null

/** Who answers to this key now: the newest part of the screen that has the meaning, and dialogs before what they cover. */
export function handlerFor(chord: string, all: readonly Registration[], dialogOpen: boolean): (() => void) | undefined {
  for (const { handlers, inDialog } of [...all].reverse()) {
    if (dialogOpen && !inDialog) continue
    for (const meaning of Object.keys(handlers) as KeyMeaning[]) {
      const act = handlers[meaning]
      if (act && keys[meaning] === chord) return act
    }
  }
  return undefined
}

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing || event.repeat) return
  const chord = chordOf(event)
  if (!chord || (isField(event.target) && !actsInFields(chord)) || belongsToTarget(chord, event.target)) return
  const act = handlerFor(chord, registrations.get(), document.querySelector('dialog[open], [aria-modal=true]') !== null)
  if (!act) return
  event.preventDefault()
  act()
}

/** Does what the key would do now: for a finger or a mouse on its hint. */
export const pressKey = (meaning: KeyMeaning) => handlerFor(keys[meaning], registrations.get(), false)?.()

/** `inDialog`: these keys belong to an open dialog; all others rest while it is there. */
export function useKeys(handlers: Handlers, { inDialog = false } = {}) {
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  const meanings = (Object.keys(handlers) as KeyMeaning[]).filter((meaning) => handlers[meaning]).join(' ')
  useEffect(() => {
    const acts = meanings.split(' ').filter(Boolean) as KeyMeaning[]
    const mine: Registration = {
      inDialog,
      handlers: Object.fromEntries(acts.map((meaning) => [meaning, () => callOf(latest.current[meaning])])),
    }
    if (registrations.get().length === 0) window.addEventListener('keydown', onKeyDown)
    registrations.set([...registrations.get(), mine])
    return () => {
      registrations.set(registrations.get().filter((other) => other !== mine))
      if (registrations.get().length === 0) window.removeEventListener('keydown', onKeyDown)
    }
  }, [meanings, inDialog])
}

function callOf(act: Handlers[KeyMeaning]) {
  if (act) act()
}

/** The meanings that work on the screen now, for the help sheet. */
export function useActiveKeys(): KeyMeaning[] {
  const now = registrations.use()
  return (Object.keys(keys) as KeyMeaning[]).filter((meaning) => now.some(({ handlers }) => meaning in handlers))
}
