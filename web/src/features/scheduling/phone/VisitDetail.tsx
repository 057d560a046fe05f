import { Button, Textarea } from '@mantine/core'
import { Check } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ZoneOf } from '~/lib/ZoneOf'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { Card, PhoneSkeleton } from '~/ui/PhonePage'
import { AppointmentStatus } from '../AppointmentStatus'
import { AddToCalendar } from '../calendars'
import { SeriesNote } from '../SeriesNote'
import { stateOf } from '../queue/queueOf'
import { useTimeWords } from './FoundDoctor'
import styles from './Phone.module.css'
import { QueueNotice } from './QueueNotice'
import { isOpen, stepOf } from './visits'
import { ZoneNote } from '~/ui/ZoneNote'

type Props = { visitId: string; onOtherTime: () => void }

/** One visit: the token and how far it is, where, what it costs; another time, or not at all. */
export function VisitDetail(props: Props) {
  const visit = $api.useQuery('get', '/api/appointments/{appointment_id}', { params: { path: { appointment_id: props.visitId } } })
  return <ZoneOf facilityId={visit.data?.facility_id}><Detail {...props} /></ZoneOf>
}

function Detail({ visitId, onOtherTime }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const timeWords = useTimeWords()
  const problemText = useProblemText()
  const [isCancelling, setCancelling] = useState(false)
  const [reason, setReason] = useState('')
  const path = { params: { path: { appointment_id: visitId } } }
  const read = $api.useQuery('get', '/api/appointments/{appointment_id}', path)
  const visit = read.data
  const place = $api.useQuery('get', '/api/appointments/{appointment_id}/place', path, { enabled: visit?.token != null })
  const cancel = $api.useMutation('post', '/api/appointments/{appointment_id}/cancel')
  if (read.error && !visit) return <ErrorState error={read.error} onRetry={() => void read.refetch()} />
  if (!visit) return <PhoneSkeleton rows={3} carded />
  const now = place.data
  const canChange = visit.status === 'pending' || visit.status === 'booked'
  const step = stepOf(visit)
  const isService = visit.practitioner_kind === 'service'
  const isWaiting = visit.token?.status === 'waiting'
  const until = visit.revisit_free_until && format.bareDay(visit.revisit_free_until)
  const feeNote = visit.is_revisit && !visit.is_free_revisit ? t('phone.cheaperRevisit') : visit.is_free_revisit ? (until ? t('phone.freeRevisitTill', { day: until }) : t('phone.freeRevisit')) : visit.receipt ? t('phone.paid') : null
  return (
    <>
      <Card accent={isOpen(visit)}>
        <div className={styles.token}>
          {visit.token && step < 4 ? (
            <>
              <span>{t('phone.yourToken')}</span>
              <b className={`num ${styles.big}`}>{visit.token.number}</b>
              {isWaiting && now?.wait_minutes != null && <strong>{t('phone.aboutMinutes', { minutes: format.minutes(now.wait_minutes) })}</strong>}
              {isWaiting && now?.before != null && <span className="dim2">{t('phone.before', { count: now.before })} {now.inside_number != null && t('phone.inside', { number: now.inside_number })}</span>}
            </>
          ) : (
            <>
              <AppointmentStatus state={stateOf(visit)} size={16} />
              <b className={`num ${styles.when}`}>{visit.kind === 'token' ? format.dayShort(visit.starts_at) : `${format.dayShort(visit.starts_at)}, ${timeWords(visit)}`}</b>
              {visit.kind === 'token' && <span className="num">{timeWords(visit)}</span>}
            </>
          )}
          {isOpen(visit) && (
            <ol className={styles.steps}>
              {(['booked', 'arrived', 'checkedIn', 'withDoctor'] as const).map((word, nth) => (
                <li key={word} data-done={nth <= step || undefined} aria-current={nth === step ? 'step' : undefined}>
                  <i aria-hidden>{nth <= step && <Check size={12} strokeWidth={3} />}</i>
                  {t(`phone.step.${isService && word === 'withDoctor' ? 'inside' : word}`)}
                </li>
              ))}
            </ol>
          )}
        </div>
      </Card>
      {visit.status === 'pending' && <Notice title={t('phone.pendingTitle')}>{t('phone.pendingWhy')}</Notice>}
      {isOpen(visit) && <QueueNotice status={visit.token?.status} place={now} />}
      <dl className={styles.facts}>
        <div><dt>{t('phone.patient')}</dt><dd>{visit.patient?.name}</dd></div>
        <div><dt>{t(isService ? 'bookable.service' : 'phone.doctor')}</dt><dd><b>{visit.practitioner_name}</b></dd></div>
        <div><dt>{t('phone.where')}</dt><dd>{visit.facility_name} <ZoneNote /></dd></div>
        {visit.room && <div><dt>{t('phone.room')}</dt><dd>{visit.room}</dd></div>}
        <div><dt>{t('phone.fee')}</dt><dd className="num"><b>{format.rupees(visit.fee_paise)}</b>{feeNote && <span className="dim">{feeNote}</span>}</dd></div>
        {visit.series_id && <div><dt>{t('series.title')}</dt><dd className="num"><SeriesNote seriesId={visit.series_id} visitId={visit.id} /></dd></div>}
        {visit.reason && <div><dt>{t('phone.reason')}</dt><dd>{visit.reason}</dd></div>}
        {visit.cancel_reason && <div><dt>{t('phone.cancelledBecause')}</dt><dd>{visit.cancel_reason}</dd></div>}
      </dl>
      {isOpen(visit) && <AddToCalendar visitId={visit.id} />}
      {cancel.error != null && <Notice urgent title={problemText(cancel.error)} />}
      {canChange &&
        (isCancelling ? (
          <div className={styles.cancelling}>
            <Textarea label={t('phone.cancelReason')} autosize minRows={2} maxLength={200} value={reason} onChange={({ target }) => setReason(target.value)} />
            <p>{t('phone.cancelRestate', { name: visit.practitioner_name, at: `${format.dayShort(visit.starts_at)}, ${timeWords(visit)}` })}</p>
            <div className={styles.buttons}>
              <Button variant="default" size="lg" onClick={() => setCancelling(false)}>{t('phone.keep')}</Button>
              <Button color="red" size="lg" loading={cancel.isPending} onClick={() => cancel.mutate({ ...path, body: { reason: reason.trim() || t('phone.ownWish') } }, { onSuccess: () => setCancelling(false) })}>{t('phone.cancelIt')}</Button>
            </div>
          </div>
        ) : (
          <div className={styles.buttons}>
            <Button variant="default" size="lg" onClick={onOtherTime}>{t('phone.otherTime')}</Button>
            <Button variant="default" size="lg" className={styles.danger} onClick={() => setCancelling(true)}>{t('phone.cancel')}</Button>
          </div>
        ))}
    </>
  )
}
