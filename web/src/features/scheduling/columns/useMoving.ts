import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { toast } from '~/ui'
import type { Appointment } from './columnsDay'

export type Place = components['schemas']['Proposal']

/** A visit that is being moved: where it hangs now, and why the last place refused it. */
export type Moving = { visit: Appointment; over: Place | null; refusal: unknown }

const placeOf = ({ practitioner_id, practitioner_name, facility_id, starts_at, ends_at }: Appointment): Place => ({
  practitioner_id, practitioner_name, facility_id, starts_at, ends_at,
})

/** The three times that a refusal names as free, where it does. */
export function offeredBy(refusal: unknown): Place[] | undefined {
  const { next_free } = refusal == null ? {} : asProblem(refusal).extra
  return Array.isArray(next_free) && next_free.length > 0 ? (next_free as Place[]) : undefined
}

/** Taking a visit up, three times to offer, putting it down or back. A refused move stays in the hand. */
export function useMoving(onMoved: (visit: Appointment) => void) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const idempotent = useIdempotent()
  const [moving, setMoving] = useState<Moving | null>(null)
  const move = $api.useMutation('post', '/api/appointments/{appointment_id}/reschedule')
  const offered = $api.useQuery(
    'get', '/api/appointments/{appointment_id}/proposals',
    { params: { path: { appointment_id: moving?.visit.id ?? '' } } },
    { enabled: moving !== null },
  )

  const moveTo = ({ id }: Appointment, { starts_at, practitioner_id, facility_id }: Place) =>
    idempotent((headers) =>
      move.mutateAsync({ params: { path: { appointment_id: id } }, body: { starts_at, practitioner_id, facility_id }, headers }),
    )
  const told = (visit: Appointment, undo?: () => void) =>
    toast({
      title: t('columns.moved', { name: visit.patient?.name }),
      detail: t('columns.at', { doctor: visit.practitioner_name, time: format.near(visit.starts_at) }),
      undo,
    })
  const undo = async (now: Appointment, before: Place) => {
    try {
      const back = await moveTo(now, before)
      onMoved(back)
      told(back)
    } catch (refusal) {
      setMoving({ visit: now, over: null, refusal })
    }
  }
  const drop = async (place: Place) => {
    if (!moving) return
    const { visit } = moving
    setMoving({ visit, over: place, refusal: null })
    try {
      const now = await moveTo(visit, place)
      setMoving(null)
      onMoved(now)
      told(now, () => void undo(now, placeOf(visit)))
    } catch (refusal) {
      setMoving({ visit, over: null, refusal })
    }
  }
  return {
    moving,
    offered: offeredBy(moving?.refusal) ?? offered.data?.items,
    isBusy: move.isPending,
    take: (visit: Appointment) => setMoving({ visit, over: null, refusal: null }),
    hold: (over: Place | null) => setMoving((before) => before && { ...before, over }),
    drop: (place: Place) => void drop(place),
    putBack: () => setMoving(null),
  }
}
