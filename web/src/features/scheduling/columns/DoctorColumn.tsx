import { CalendarX, Coffee } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { isOver } from '../status'
import { stateOf } from '../queue/queueOf'
import type { Absence, Appointment, ColumnDay, Slot } from './columnsDay'
import styles from './Columns.module.css'
import { BeingBooked } from './BeingBooked'
import { FreeSlot } from './FreeSlot'
import { slotKey, type Hands } from './hands'
import { boxOf, overlap, shadesOf, sideBySide, spanOf, within, type Scale, type Shade, type Span } from './layout'
import { TokenSession } from './TokenSession'
import { VisitBlock } from './VisitBlock'

const least_px = { label: 20, twoLines: 34 }
const gap_px = 3

type Item = Span & ({ visit: Appointment; slot?: undefined } | { slot: Slot; visit?: undefined })

/** A doctor's day: what is closed, what is free, who is booked. */
export function DoctorColumn({ column, scale, hands }: { column: ColumnDay; scale: Scale; hands: Hands }) {
  const { t } = useTranslation('scheduling')
  const { doctor, slots = [], visits = [], absences } = column
  const sessions = slots.filter(({ kind }) => kind === 'token')
  const inSession = (visit: Appointment) => sessions.find((session) => session.schedule_id === visit.schedule_id && overlap(spanOf(session), spanOf(visit)))
  const timed = visits.filter((visit) => !inSession(visit))
  const isFree = ({ status, free }: Slot) => status === 'free' && free > 0
  const shut = slots.filter(({ kind, status, held: count, is_room_taken }) => kind === 'slot' && status === 'busy' && (count > 0 || is_room_taken))
  const free = hands.takesFree ? slots.filter((slot) => slot.kind === 'slot' && isFree(slot)) : []
  const items: Item[] = [...timed.map((visit) => ({ visit, ...spanOf(visit) })), ...[...free, ...shut].map((slot) => ({ slot, ...spanOf(slot) }))]
  const away = [...absences, ...slots.filter(({ status }) => status === 'leave')].map(spanOf)
  const over = hands.over?.practitioner_id === doctor.id ? hands.over : null
  return (
    <div className={styles.column} role="group" aria-label={doctor.name} data-practitioner={doctor.id}>
      {shadesOf(scale, slots.map(spanOf), away).map((shade) => (
        <Closed key={`${shade.kind}${shade.from}`} shade={shade} scale={scale} absences={absences} visits={visits} hasSessions={slots.length > 0} />
      ))}
      {sessions.map((session) => (
        <TokenSession
          key={slotKey(session)} session={session} scale={scale} hands={hands} practitionerId={doctor.id}
          visits={visits.filter((visit) => inSession(visit) === session)} isFree={hands.takesFree && isFree(session)}
        />
      ))}
      {sideBySide(items).map((item) => {
        const style = placed(scale, item, item.lane, item.lanes)
        if (item.visit) return <VisitBlock key={item.visit.id} visit={item.visit} hands={hands} style={style} isShort={style.height < least_px.twoLines} />
        if (!isFree(item.slot)) return <BeingBooked key={slotKey(item.slot)} slot={item.slot} style={style} />
        return <FreeSlot key={slotKey(item.slot)} practitionerId={doctor.id} slot={item.slot} hands={hands} style={style} />
      })}
      {over && <Target scale={scale} span={spanOf(over)} />}
      {!column.slots && !column.error && <span className="vh" role="status">{t('columns.loading')}</span>}
    </div>
  )
}

function placed(scale: Scale, span: Span, lane: number, lanes: number) {
  const { top, height } = boxOf(scale, span)
  const left = `calc(var(--inset) + (100% - 2 * var(--inset) + ${gap_px}px) * ${lane / lanes})`
  const width = `calc((100% - 2 * var(--inset) + ${gap_px}px) * ${1 / lanes} - ${gap_px}px)`
  return { top: top + 1, height: Math.max(least_px.label, height - gap_px), left, width }
}

function Target({ scale, span }: { scale: Scale; span: Span }) {
  const { time } = useFormats()
  const { top, height } = boxOf(scale, span)
  return <div className={`num ${styles.target}`} style={{ top: top + 1, height: Math.max(least_px.label, height - gap_px) }}>{time(span.from)}</div>
}

type ClosedProps = { shade: Shade; scale: Scale; absences: readonly Absence[]; visits: readonly Appointment[]; hasSessions: boolean }

/** Time in which nobody is booked, and why. Who is booked in it all the same is counted: someone must move them. */
function Closed({ shade, scale, absences, visits, hasSessions }: ClosedProps) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const { top, height } = boxOf(scale, shade)
  const absence = absences.find((one) => overlap(spanOf(one), shade))
  const shown = absence ? within(spanOf(absence), shade) : shade
  const span = { from: time(shown.from), to: time(shown.to) }
  const stranded = shade.kind === 'away' ? visits.filter((visit) => !isOver(stateOf(visit)) && overlap(spanOf(visit), shade)).length : 0
  const label =
    shade.kind === 'break' ? t('columns.break', span)
    : shade.kind === 'away' ? t(absence?.kind === 'holiday' ? 'columns.holiday' : 'columns.leave', span)
    : !hasSessions ? t('columns.noSession')
    : shade.from === scale.from ? t('columns.starts', { time: span.to })
    : t('columns.ends', { time: span.from })
  const Icon = shade.kind === 'break' ? Coffee : CalendarX
  return (
    <div className={styles.closed} data-kind={shade.kind} style={{ top, height }}>
      {height >= least_px.label && (
        <span className="num">
          {shade.kind !== 'outside' && <Icon size={14} aria-hidden />}
          {label}
        </span>
      )}
      {stranded > 0 && <b className="attention">{t('columns.stranded', { count: stranded })}</b>}
    </div>
  )
}
