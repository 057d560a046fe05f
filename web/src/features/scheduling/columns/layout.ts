/** Where things stand on a day's sheet. Pure: instants in milliseconds go in, pixels come out. */

export type Span = { from: number; to: number }
export type Scale = Span & { pxPerMinute: number }

const minute_ms = 60_000
const hour_ms = 60 * minute_ms
/** A block must hold one line of text, yet a morning should fit on the screen. */
const line_px = 26
const leastPxPerMinute = 2
const mostPxPerMinute = 5

export const spanOf = ({ starts_at, ends_at }: { starts_at: string; ends_at: string }): Span => ({ from: Date.parse(starts_at), to: Date.parse(ends_at) })

/** Whole hours of the day, counted from its midnight, that hold all spans; `otherwise` (in hours) where there are none. */
export function scaleOf(midnight: number, spans: readonly Span[], shortest_min: number, otherwise: readonly [number, number] = [9, 17]): Scale {
  const hour = (at: number, round: (n: number) => number) => midnight + round((at - midnight) / hour_ms) * hour_ms
  const pxPerMinute = Math.min(mostPxPerMinute, Math.max(leastPxPerMinute, line_px / Math.max(1, shortest_min)))
  if (spans.length === 0) return { from: midnight + otherwise[0] * hour_ms, to: midnight + otherwise[1] * hour_ms, pxPerMinute }
  return {
    from: hour(Math.min(...spans.map(({ from }) => from)), Math.floor),
    to: hour(Math.max(...spans.map(({ to }) => to)), Math.ceil),
    pxPerMinute,
  }
}

export const yOf = ({ from, pxPerMinute }: Scale, at: number) => ((at - from) / minute_ms) * pxPerMinute
export const instantAt = ({ from, pxPerMinute }: Scale, y: number) => from + (y / pxPerMinute) * minute_ms
export const heightOf = (scale: Scale) => yOf(scale, scale.to)
export const boxOf = (scale: Scale, { from, to }: Span) => ({ top: yOf(scale, from), height: yOf(scale, to) - yOf(scale, from) })

/** The full hours from the first to the last, for lines and the gutter. */
export const hoursOf = ({ from, to }: Scale) => Array.from({ length: Math.round((to - from) / hour_ms) + 1 }, (_, nth) => from + nth * hour_ms)

export type Laid<T> = T & { lane: number; lanes: number }

/** Those that overlap stand side by side, each as wide as its group allows; the others have the whole width. */
export function sideBySide<T extends Span>(items: readonly T[]): Laid<T>[] {
  const laid: Laid<T>[] = []
  let group: Laid<T>[] = []
  let ends: number[] = []
  const close = () => {
    group.forEach((item) => (item.lanes = ends.length))
    laid.push(...group)
    group = []
    ends = []
  }
  for (const item of [...items].sort((one, other) => one.from - other.from || one.to - other.to)) {
    if (ends.every((end) => end <= item.from)) close()
    const free = ends.findIndex((end) => end <= item.from)
    const lane = free === -1 ? ends.length : free
    ends[lane] = item.to
    group.push({ ...item, lane, lanes: 1 })
  }
  close()
  return laid
}

/** Touching and overlapping spans as one. */
export function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = all.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else all.push({ ...span })
  }
  return all
}

/** What is left of the whole when the spans are taken out. */
export function without(whole: Span, spans: readonly Span[]): Span[] {
  const left: Span[] = []
  let at = whole.from
  for (const { from, to } of merged(spans)) {
    if (from > at) left.push({ from: at, to: Math.min(from, whole.to) })
    at = Math.max(at, to)
  }
  if (at < whole.to) left.push({ from: at, to: whole.to })
  return left.filter(({ from, to }) => to > from)
}

export const within = ({ from, to }: Span, whole: Span): Span => ({ from: Math.max(from, whole.from), to: Math.min(to, whole.to) })
export const overlap = (one: Span, other: Span) => one.from < other.to && other.from < one.to

/** The doctor's time as the sheet shades it: outside the sessions, in a break between two, away although a session was planned. */
export type Shade = Span & { kind: 'outside' | 'break' | 'away' }

export function shadesOf(scale: Span, sessions: readonly Span[], away: readonly Span[]): Shade[] {
  const open = merged(sessions)
  const gone = merged(away.map((span) => within(span, scale)).filter(({ from, to }) => to > from))
  const opens = open[0]?.from ?? Infinity
  const closes = open.at(-1)?.to ?? -Infinity
  const closed = without(scale, [...open, ...gone])
  return [
    ...closed.map((span): Shade => ({ ...span, kind: span.from >= opens && span.to <= closes ? 'break' : 'outside' })),
    ...gone.map((span): Shade => ({ ...span, kind: 'away' })),
  ].sort((one, other) => one.from - other.from)
}
