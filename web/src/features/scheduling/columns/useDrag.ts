import { useEffect, useRef, useState, type PointerEvent as Pressed, type RefObject } from 'react'

type At = { x: number; y: number }
type Drag<Thing> = {
  /** What scrolls when the pointer comes near its upper or lower edge. */
  scroller: RefObject<HTMLElement | null>
  onTake: (thing: Thing) => void
  onOver: (at: At) => void
  onDrop: (at: At) => void
  onPutBack: () => void
}

const dragFrom_px = 6
const edge_px = 48
const step_px = 14

/** Dragging by mouse or pen. A finger scrolls: there, the key's way (take, choose one of three) is a button. */
export function useDrag<Thing>(drag: Drag<Thing>) {
  const [at, setAt] = useState<At | null>(null)
  const latest = useRef(drag)
  const stop = useRef<(() => void) | null>(null)
  useEffect(() => {
    latest.current = drag
  })
  useEffect(() => () => stop.current?.(), [])

  const press = (event: Pressed, thing: Thing) => {
    if (event.button !== 0 || event.pointerType === 'touch') return
    const from = { x: event.clientX, y: event.clientY }
    let isDragging = false
    const follow = (moved: PointerEvent) => {
      const now = { x: moved.clientX, y: moved.clientY }
      if (!isDragging) {
        if (Math.hypot(now.x - from.x, now.y - from.y) < dragFrom_px) return
        isDragging = true
        latest.current.onTake(thing)
      }
      scrollNear(latest.current.scroller.current, now)
      setAt(now)
      latest.current.onOver(now)
    }
    const end = () => {
      window.removeEventListener('pointermove', follow)
      window.removeEventListener('pointerup', release)
      window.removeEventListener('pointercancel', giveUp)
      window.removeEventListener('keydown', escape, true)
      stop.current = null
      setAt(null)
    }
    const release = (up: PointerEvent) => {
      end()
      if (isDragging) latest.current.onDrop({ x: up.clientX, y: up.clientY })
    }
    const giveUp = () => {
      end()
      if (isDragging) latest.current.onPutBack()
    }
    const escape = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return
      key.preventDefault()
      key.stopPropagation()
      giveUp()
    }
    window.addEventListener('pointermove', follow)
    window.addEventListener('pointerup', release)
    window.addEventListener('pointercancel', giveUp)
    window.addEventListener('keydown', escape, true)
    stop.current = end
  }
  return { at, press }
}

function scrollNear(scroller: HTMLElement | null, { y }: At) {
  if (!scroller) return
  const { top, bottom } = scroller.getBoundingClientRect()
  if (y > bottom - edge_px) scroller.scrollTop += step_px
  else if (y < top + 2 * edge_px) scroller.scrollTop -= step_px
}
