import { useTranslation } from 'react-i18next'
import { ageSex } from '~/lib/ageSex'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { minutesSince } from '~/lib/formats'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { medicoLegal } from '~/lib/medicoLegal'
import { DataTable, EmptyState, Flag, Notice, Panel, SegmentedFilter, type Column, type ListOf } from '~/ui'
import { AppointmentStatus } from '../AppointmentStatus'
import { QueueOrder, stateOf } from '../queue'
import { CollectedToday } from './CollectedToday'
import styles from './desk.module.css'
import { canCancel, canGoFirst, canMove, canSkip, countsOf, inOrder, isOfToday, partOf, type Shown, stepOf, type Visit } from './todaysVisits'
import { useVisitSteps } from './useVisitSteps'

type Props = {
  list: ListOf<Visit>
  facilityId: string
  /** Bookings of any day that wait to be confirmed. */
  pending: readonly Visit[]
  show: Shown
  onShow: (show: Shown) => void
  chosen: Visit | undefined
  onChoose: (visit: Visit) => void
  onPrint: (visit: Visit) => void
  onMove: (visit: Visit) => void
  onCancel: (visit: Visit) => void
}

/** Everyone of today with the one next step: A arrived, C check in, N call, F confirm, P slip; Q goes first; S, V, X and M for what goes wrong. */
export function TodaysQueue({ list, facilityId, pending, show, onShow, chosen, onChoose, onPrint, onMove, onCancel }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const now = useNow()
  const { take, refusal } = useVisitSteps(onPrint)
  const all = list.data ? inOrder(list.data.items) : undefined
  const counts = { ...countsOf(all ?? []), pending: pending.length }
  const items = show === 'pending' ? [...pending] : all?.filter((visit) => show === 'all' || partOf(visit) === show)
  const shown = (['all', 'waiting', 'expected', 'over', 'pending'] as const).filter((part) => part !== 'pending' || counts.pending > 0 || show === 'pending')
  const nextOf = (visit: Visit) => stepOf(visit, isOfToday(visit, format.dayOf, now))
  const step = chosen && nextOf(chosen)
  const on = (which: typeof step) => (chosen && step === which ? () => void take(which as NonNullable<typeof step>, chosen) : null)
  useKeys({
    arrived: on('arrived'),
    checkIn: on('checkIn'),
    call: on('call'),
    recall: on('recall'),
    confirm: on('confirm'),
    print: chosen && (() => onPrint(chosen)),
    noShow: chosen && canMove(chosen) && (() => void take('noShow', chosen)),
    priority: chosen && can('queue.call') && canGoFirst(chosen) && (() => void take('priority', chosen)),
    skip: chosen && can('queue.call') && canSkip(chosen) && (() => void take('skip', chosen)),
    move: chosen && canMove(chosen) && (() => onMove(chosen)),
    cancel: chosen && canCancel(chosen) && (() => onCancel(chosen)),
  })
  const columns: Column<Visit>[] = [
    { id: 'token', head: t('desk.token'), cell: ({ token }) => (token ? <b>{token.number}</b> : <span className="dim">–</span>), align: 'end', width: 60 },
    { id: 'time', head: t('desk.time'), cell: ({ starts_at }) => <span className="num dim2">{show === 'pending' ? format.near(starts_at, now) : format.time(starts_at)}</span>, onNarrow: 'hide' },
    { id: 'patient', head: t('desk.patient'), cell: ({ patient, token }) => <><b>{patient?.name}</b> <span className="dim2">{patient && ageSex(patient, t)}</span><Flag of={medicoLegal(patient, t)} />{token?.is_priority && <span className="attention"> {t('queue.priority')}</span>}</>, skeleton: 150 },
    { id: 'doctor', head: t('desk.doctor'), cell: ({ practitioner_name }) => practitioner_name, onNarrow: 'hide' },
    { id: 'status', head: t('desk.status'), cell: (visit) => <AppointmentStatus state={stateOf(visit)} /> },
    { id: 'wait', head: t('desk.wait'), cell: (visit) => waitOf(visit, now, format, t), align: 'end', onNarrow: 'hide' },
  ]
  return (
    <Panel
      title={t('desk.queue')} note={t('desk.queueNote', { count: counts.waiting })} className={styles.queue}
      right={<SegmentedFilter label={t('desk.show')} value={show} onChange={onShow} segments={shown.map((value) => ({ value, label: t(`desk.shown.${value}`), count: counts[value] }))} />}
    >
      {refusal !== null && <div className={styles.refusal}><Notice urgent title={problemText(refusal)} /></div>}
      <DataTable
        label={t('desk.queue')} list={{ ...list, data: items && { items } }} columns={columns} idOf={({ id }) => id} takesArrows
        chosenId={chosen?.id} onChoose={onChoose} isOver={(visit) => partOf(visit) === 'over'} actionHead={t('desk.nextStep')}
        action={(visit) => {
          const next = nextOf(visit)
          return next && { label: t(`desk.step.${next}`), of: next, onPress: () => void take(next, visit) }
        }}
        empty={show === 'pending' ? <EmptyState title={t('desk.nothingPending')} /> : <EmptyState title={t('desk.nobodyToday')} why={t('desk.nobodyTodayWhy')} />}
      />
      <div className={styles.order}><QueueOrder /></div>
      <CollectedToday facilityId={facilityId} hidden={(list.data?.total ?? 0) - (list.data?.items.length ?? 0)} />
    </Panel>
  )
}

/** "22 min" for who waits, "9 min in" for who is with the doctor. */
function waitOf(visit: Visit, now: number, format: ReturnType<typeof useFormats>, t: (key: string, values: { minutes: string }) => string) {
  if (partOf(visit) !== 'waiting') return null
  if (stateOf(visit) === 'in-consultation') return visit.token?.called_at && t('desk.in', { minutes: format.minutes(minutesSince(visit.token.called_at, now)) })
  const since = visit.checked_in_at ?? visit.arrived_at
  return since && format.minutes(minutesSince(since, now))
}

