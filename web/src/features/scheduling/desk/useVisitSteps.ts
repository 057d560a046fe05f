import { useState } from 'react'
import { $api, useIdempotent } from '~/lib/api'
import type { Step, Visit } from './todaysVisits'

type Taken = Step | 'noShow' | 'priority' | 'skip'

/** The desk's one-key steps. A refusal is kept until the next step, to be shown above the list. */
export function useVisitSteps(onPrint: (visit: Visit) => void) {
  const idempotent = useIdempotent()
  const [refusal, setRefusal] = useState<unknown>(null)
  const arrive = $api.useMutation('post', '/api/appointments/{appointment_id}/arrive')
  const checkIn = $api.useMutation('post', '/api/appointments/{appointment_id}/check-in')
  const confirm = $api.useMutation('post', '/api/appointments/{appointment_id}/confirm')
  const noShow = $api.useMutation('post', '/api/appointments/{appointment_id}/no-show')
  const call = $api.useMutation('post', '/api/queue/{token_id}/call')
  const recall = $api.useMutation('post', '/api/queue/{token_id}/recall')
  const skip = $api.useMutation('post', '/api/queue/{token_id}/skip')
  const priority = $api.useMutation('post', '/api/queue/{token_id}/priority')

  const send = (step: Taken, { id, token }: Visit): Promise<unknown> => {
    const of = { params: { path: { appointment_id: id } } }
    const ofToken = { params: { path: { token_id: token?.id ?? '' } } }
    if (step === 'call') return call.mutateAsync(ofToken)
    if (step === 'recall') return recall.mutateAsync(ofToken)
    if (step === 'skip') return skip.mutateAsync(ofToken)
    if (step === 'priority') return priority.mutateAsync({ ...ofToken, body: { is_priority: !token?.is_priority } })
    return { arrived: arrive, checkIn, confirm, noShow }[step as 'arrived' | 'checkIn' | 'confirm' | 'noShow'].mutateAsync(of)
  }
  const take = async (step: Taken, visit: Visit) => {
    setRefusal(null)
    if (step === 'print') return onPrint(visit)
    await idempotent(() => send(step, visit)).catch(setRefusal)
  }
  return { take, refusal }
}
