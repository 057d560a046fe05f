import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ageSex } from '~/lib/ageSex'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog } from '~/ui'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf } from '../queue'
import { ScopeChoice, type Scope } from '../booking'
import type { Visit } from './todaysVisits'

/** Restates whom and what before it cancels, and asks why. */
export function CancelVisit({ visit, onClose }: { visit: Visit | null; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const [reason, setReason] = useState('')
  const [isMissing, setMissing] = useState(false)
  const cancel = $api.useMutation('post', '/api/appointments/{appointment_id}/cancel')
  const cancelSeries = $api.useMutation('post', '/api/appointment-series/{series_id}/cancel')
  const [scope, setScope] = useState<Scope>('this')
  if (!visit) return null
  const { patient } = visit
  const close = () => {
    setReason('')
    setMissing(false)
    setScope('this')
    onClose()
  }
  const confirm = async () => {
    if (!reason.trim()) {
      setMissing(true)
      return false
    }
    if (visit.series_id && scope !== 'this') return cancelSeries.mutateAsync({ params: { path: { series_id: visit.series_id } }, body: { appointment_id: visit.id, scope, reason: reason.trim() } })
    return cancel.mutateAsync({ params: { path: { appointment_id: visit.id } }, body: { reason: reason.trim() } })
  }
  return (
    <ConfirmDialog
      opened title={t('desk.cancel.title')} onConfirm={confirm} onClose={close}
      action={t('desk.cancel.do', { name: patient?.name, time: format.time(visit.starts_at) })}
      restate={
        <>
          <p className="num"><b>{patient?.name}</b>, {patient && `${ageSex(patient, t)}, ${patient.mrn}`}</p>
          <p className="num">{visit.practitioner_name}, {format.nearInside(visit.starts_at)}</p>
          <AppointmentStatus state={stateOf(visit)} />
        </>
      }
    >
      <TextInput autoFocus label={t('desk.cancel.reason')} value={reason} maxLength={300} error={isMissing && !reason.trim() && t('desk.cancel.missing')} onChange={({ target }) => setReason(target.value)} />
      {visit.series_id && <ScopeChoice label={t('series.cancelWhich')} value={scope} onChange={setScope} />}
    </ConfirmDialog>
  )
}
