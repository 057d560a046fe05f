export type Session = { weekday: number; starts: string; ends: string }
export const weekdays = [0, 1, 2, 3, 4, 5, 6] as const

/** A doctor's usual morning, on the five weekdays: what most schedules begin from. */
export const usualWeek = (): Session[] => [0, 1, 2, 3, 4].map((weekday) => ({ weekday, starts: '09:00', ends: '13:00' }))

/** One more session on a day: after its last, else the usual morning. */
export function sessionAfter(sessions: readonly Session[], weekday: number): Session {
  const ends = sessions.filter((one) => one.weekday === weekday).map((one) => one.ends).sort()
  const last = ends.at(-1)
  if (!last) return { weekday, starts: '09:00', ends: '13:00' }
  const hour = Math.min(22, Number(last.slice(0, 2)) + 1)
  const at = (hours: number) => `${String(hours).padStart(2, '0')}:00`
  return { weekday, starts: at(hour), ends: at(Math.min(23, hour + 3)) }
}

/** Days that have the same hours stand together: [{days: [0, 1], hours: "09:00–13:00"}]. */
export function weekInShort(sessions: readonly Session[]): { days: number[]; hours: string }[] {
  const lines: { days: number[]; hours: string }[] = []
  for (const weekday of weekdays) {
    const hours = sessions
      .filter((one) => one.weekday === weekday)
      .sort((a, b) => a.starts.localeCompare(b.starts))
      .map(({ starts, ends }) => `${starts}–${ends}`)
      .join(', ')
    if (!hours) continue
    const same = lines.find((line) => line.hours === hours)
    if (same) same.days.push(weekday)
    else lines.push({ days: [weekday], hours })
  }
  return lines
}
