import type { PointerEvent } from 'react'
import type { Appointment, Slot } from './columnsDay'
import type { Place } from './useMoving'

/** What a column may do with its blocks: the sheet holds what is chosen, focused and moved, for all columns together. */
export type Hands = {
  chosenId: string | null
  heldId: string | null
  over: Place | null
  tabIndexOf: (practitionerId: string, item: string) => 0 | -1
  onFocus: (practitionerId: string, item: string) => void
  onChoose: (visit: Appointment) => void
  onFree: (practitionerId: string, slot: Slot) => void
  /** False where this person may not book and nothing is being moved. */
  takesFree: boolean
  mayMove: (visit: Appointment) => boolean
  onPress: (event: PointerEvent, visit: Appointment) => void
}

/** The key of a free place among a column's items. */
export const slotKey = ({ schedule_id, starts_at }: Slot) => `${schedule_id}@${starts_at}`
