import type { KeyboardEvent } from 'react'

const of = (column: Element | null | undefined) => [...(column?.querySelectorAll<HTMLElement>('[data-item]') ?? [])].filter((item) => !item.matches(':disabled'))
const timeOf = (item: HTMLElement) => Number(item.dataset.at)

/** Up and down a column in the order of time; left and right to what is nearest in time at the neighbour. */
export function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const item = (event.target as Element).closest<HTMLElement>('[data-item]')
  const column = item?.closest('[data-practitioner]')
  if (!item || !column) return
  const items = of(column)
  const at = items.indexOf(item)
  const columns = [...event.currentTarget.querySelectorAll('[data-practitioner]')]
  const beside = (step: 1 | -1) => nearest(of(columns[columns.indexOf(column) + step]), timeOf(item))
  const next = {
    ArrowDown: items[at + 1],
    ArrowUp: items[at - 1],
    ArrowRight: beside(1),
    ArrowLeft: beside(-1),
    Home: items[0],
    End: items.at(-1),
  }[event.key]
  if (!next) return
  event.preventDefault()
  next.focus()
}

/** Of equals the first: a column's items stand in the order of time. */
export function nearest(items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const far = (item: HTMLElement) => Math.abs(timeOf(item) - at)
  return items.reduce<HTMLElement | undefined>((best, item) => (best && far(best) <= far(item) ? best : item), undefined)
}
