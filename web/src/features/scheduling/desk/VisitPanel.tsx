import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ageSex } from '~/lib/ageSex'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { medicoLegal } from '~/lib/medicoLegal'
import { Facts, Flag, Key, Notice, Panel, PanelBody } from '~/ui'
import { AppointmentStatus } from '../AppointmentStatus'
import { isService } from '../bookable'
import { SeriesNote } from '../SeriesNote'
import { stateOf } from '../queue'
import styles from './desk.module.css'
import { Fee } from './Fee'
import { receiptOf, type Paper } from './papers'
import { canCancel, canGoFirst, canMove, canSkip, dueOf, isOfToday, stepOf, type Visit } from './todaysVisits'
import { useVisitSteps } from './useVisitSteps'

type Props = {
  visit: Visit
  onPrint: (visit: Visit) => void
  onPaper: (paper: Paper) => void
  onMove: (visit: Visit) => void
  onCancel: (visit: Visit) => void
  onClose: () => void
  onWalkIn: (patient: NonNullable<Visit['patient']>) => void
  /** Just given: the fee is the next step. */
  asksFee: boolean
}

/** One visit of today: what was agreed, what is to be paid, its papers. */
export function VisitPanel({ visit, onPrint, onPaper, onMove, onCancel, onClose, onWalkIn, asksFee }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const { patient, token, receipt } = visit
  const due = dueOf(visit)
  const { take, refusal } = useVisitSteps(onPrint)
  const problemText = useProblemText()
  const step = stepOf(visit, isOfToday(visit, format.dayOf, useNow()))
  const next = step === 'print' ? null : step
  // Who lets patients in does that next, not call again.
  const isQuiet = due > 0 || (next === 'recall' && can('visit.fulfil'))
  // Who is let in at the door is often at the counter a moment later: one key does both.
  const checkInAtOnce = next === 'arrived' && (() => void take('checkIn', visit))
  useKeys({ checkIn: checkInAtOnce })
  const receiptPaper = (id: string, number: string, printAtOnce: boolean) => onPaper({ title: t('desk.receipt', { number }), load: receiptOf(id), hasSizes: true, printAtOnce })
  const paid = due > 0 ? format.rupees(due) : receipt ? t('desk.paid', { amount: format.rupees(visit.fee_paise), number: receipt.number }) : t(visit.is_free_revisit ? 'desk.freeRevisit' : 'desk.nothingToPay')
  return (
    <Panel title={patient?.name ?? t('desk.visit')} note={patient && <><span className="num">{`${ageSex(patient, t)} · ${patient.mrn}`}</span><Flag of={medicoLegal(patient, t)} /></>} label={t('desk.visit')} className={styles.side}>
      <PanelBody className={styles.visit}>
        <Facts
          items={[
            ...(token ? ([[t('desk.token'), <b key="token" className={`num ${styles.tokenNumber}`}>{token.number}</b>]] as const) : []),
            [t(isService({ kind: visit.practitioner_kind }) ? 'bookable.service' : 'desk.doctor'), visit.practitioner_name],
            ...(visit.room ? ([[t('desk.room'), visit.room]] as const) : []),
            [t('desk.time'), <span key="time" className="num">{format.near(visit.starts_at)}</span>],
            [t('desk.status'), <AppointmentStatus key="status" state={stateOf(visit)} />],
            ...(visit.is_extra ? ([[t('desk.place'), t('columns.extra')]] as const) : []),
            ...(visit.series_id ? ([[t('series.title'), <span key="series" className="num"><SeriesNote seriesId={visit.series_id} visitId={visit.id} /></span>]] as const) : []),
            ...(visit.reason ? ([[t('desk.reason'), visit.reason]] as const) : []),
            [t('desk.fee'), <span key="fee" className={`num ${due > 0 ? 'attention' : ''}`}>{paid}</span>],
          ]}
        />
        {due > 0 && <Fee key={visit.id} appointmentId={visit.id} due={due} takesFocus={asksFee} onPaid={({ id, number }) => receiptPaper(id, number, true)} />}
        {refusal !== null && <Notice urgent title={problemText(refusal)} />}
        <div className={styles.steps}>
          {next && <Button variant={isQuiet ? 'default' : 'filled'} onClick={() => void take(next, visit)} rightSection={<Key of={next === 'checkIn' ? 'checkIn' : next} />}>{t(`desk.step.${next}`)}</Button>}
          {checkInAtOnce && <Button variant="default" onClick={checkInAtOnce} rightSection={<Key of="checkIn" />}>{t('desk.step.checkIn')}</Button>}
          <Button variant="default" onClick={() => onPrint(visit)} rightSection={<Key of="print" />}>{t('desk.step.print')}</Button>
          {receipt && <Button variant="default" onClick={() => receiptPaper(receipt.id, receipt.number, false)}>{t('desk.receiptShort')}</Button>}
          {canMove(visit) && <Button variant="default" onClick={() => onMove(visit)} rightSection={<Key of="move" />}>{t('desk.moveShort')}</Button>}
          {canGoFirst(visit) && can('queue.call') && <Button variant="default" onClick={() => void take('priority', visit)} rightSection={<Key of="priority" />}>{t(token?.is_priority ? 'desk.inTurn' : 'desk.first')}</Button>}
          {canSkip(visit) && can('queue.call') && <Button variant="default" onClick={() => void take('skip', visit)} rightSection={<Key of="skip" />}>{t('desk.skip')}</Button>}
          {canMove(visit) && <Button variant="default" onClick={() => void take('noShow', visit)} rightSection={<Key of="noShow" />}>{t('status.noshow')}</Button>}
          {canCancel(visit) && <Button variant="default" onClick={() => onCancel(visit)} rightSection={<Key of="cancel" />}>{t('desk.cancelShort')}</Button>}
          {patient && <Button variant="subtle" onClick={() => onWalkIn(patient)}>{t('desk.anotherWalkIn')}</Button>}
          <Button variant="subtle" onClick={onClose}>{t('desk.nextPatient')}</Button>
        </div>
      </PanelBody>
    </Panel>
  )
}
