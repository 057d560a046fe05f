import { Select } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { instantOf } from '~/lib/wallTime'
import { medicoLegal } from '~/lib/medicoLegal'
import { ErrorState, Flag, Panel } from '~/ui'
import { loadAt, useLoad } from '../planner/load'
import { moveFocus } from './arrows'
import { ChosenBar } from './ChosenBar'
import { ColumnHead } from './ColumnHead'
import styles from './Columns.module.css'
import { useColumnDays, type Appointment, type ColumnDay, type Doctor, type DoctorToday, type Slot } from './columnsDay'
import { DoctorColumn } from './DoctorColumn'
import { slotKey, type Hands } from './hands'
import { heightOf, hoursOf, instantAt, scaleOf, spanOf, yOf } from './layout'
import { MoveBar } from './MoveBar'
import { useDrag } from './useDrag'
import { useMoving, type Place } from './useMoving'

const before_min = 75
const narrow = '(max-width: 47.99em)'

type Props = {
  doctors: readonly Doctor[]
  today: readonly DoctorToday[]
  facilityId: string
  day: string
  onClose: (doctorId: string) => void
  onBook: (place: Place) => void
  onOpenPatient?: (patientId: string) => void
}

/** Up to five doctors' day side by side: free, booked, closed; a visit is taken up and put down elsewhere. */
export function Columns({ doctors, today, facilityId, day, onClose, onBook, onOpenPatient }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const now = useNow()
  const isNarrow = useMediaQuery(narrow) ?? false
  const [oneId, setOneId] = useState<string | null>(null)
  const shown = isNarrow ? doctors.filter(({ id }, nth) => (doctors.some((doctor) => doctor.id === oneId) ? id === oneId : nth === 0)) : doctors
  const columns = useColumnDays(shown, facilityId, day, format.timeZone)
  const load = useLoad(facilityId, day, day)
  const isToday = day === format.today(now)
  const scale = scaleFor(columns, day, format.timeZone)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [focused, setFocused] = useState<Record<string, string>>({})
  const scroller = useRef<HTMLDivElement>(null)
  const { moving, offered, isBusy, take, hold, drop, putBack } = useMoving(({ id }) => setChosenId(id))
  const visits = columns.flatMap(({ visits: some = [] }) => some)
  const chosen = visits.find(({ id }) => id === chosenId)
  const mayMove = ({ status }: Appointment) => can('appointment.change') && (status === 'pending' || status === 'booked')

  const placeAt = ({ x, y }: { x: number; y: number }): Place | null => {
    const element = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-practitioner]')
    const column = columns.find(({ doctor }) => doctor.id === element?.dataset.practitioner)
    if (!element || !column) return null
    const instant = instantAt(scale, y - element.getBoundingClientRect().top)
    const slot = column.slots?.find(({ status, free, ...times }) => status === 'free' && free > 0 && spanOf(times).from <= instant && instant < spanOf(times).to)
    return slot ? placeOf(column.doctor, slot) : null
  }
  const drag = useDrag<Appointment>({
    scroller,
    onTake: (visit) => {
      setChosenId(visit.id)
      take(visit)
    },
    onOver: (at) => hold(placeAt(at)),
    onDrop: (at) => {
      const place = placeAt(at)
      if (place) drop(place)
      else putBack()
    },
    onPutBack: putBack,
  })
  useKeys({ move: chosen && !moving && mayMove(chosen) && (() => take(chosen)) })
  useStartAtNow(scroller, isToday && columns.every(({ slots }) => slots) ? `${day} ${facilityId}` : null, yOf(scale, now - before_min * 60_000))

  const free = (practitionerId: string, slot: Slot) => {
    const doctor = shown.find(({ id }) => id === practitionerId)
    if (!doctor) return
    if (moving) drop(placeOf(doctor, slot))
    else onBook(placeOf(doctor, slot))
  }
  const hands: Hands = {
    chosenId,
    heldId: moving?.visit.id ?? null,
    over: moving?.over ?? null,
    tabIndexOf: (practitionerId, item) => (item === currentItem(columns.find(({ doctor }) => doctor.id === practitionerId), focused[practitionerId], now) ? 0 : -1),
    onFocus: (practitionerId, item) => {
      setFocused((before) => ({ ...before, [practitionerId]: item }))
      if (!moving && visits.some(({ id }) => id === item)) setChosenId(item)
    },
    onChoose: ({ id }) => !moving && setChosenId(id),
    onFree: free,
    takesFree: moving !== null || can('appointment.book'),
    mayMove: (visit) => !isBusy && mayMove(visit),
    onPress: drag.press,
  }
  const failed = columns.find(({ error }) => error != null)
  const nowAt = yOf(scale, now)
  const showsNow = isToday && nowAt >= 0 && nowAt <= heightOf(scale)
  return (
    <Panel label={t('columns.sheet')} className={styles.sheet}>
      {isNarrow && doctors.length > 1 && (
        <Select className={styles.one} aria-label={t('columns.whose')} data={doctors.map(({ id, name }) => ({ value: id, label: name }))} value={shown[0]?.id ?? null} onChange={(id) => id && setOneId(id)} allowDeselect={false} />
      )}
      {failed && <ErrorState error={failed.error} onRetry={failed.retry} />}
      <div ref={scroller} className={styles.scroller} data-dragging={drag.at ? true : undefined}>
        <div className={styles.heads} style={{ '--columns': shown.length } as React.CSSProperties}>
          <div className={styles.corner} />
          {columns.map((column) => (
            <ColumnHead
              key={column.doctor.id} column={column} onClose={doctors.length > 1 && !isNarrow ? () => onClose(column.doctor.id) : undefined}
              load={loadAt(load.data?.items, column.doctor.id, facilityId)?.total}
              today={isToday ? today.find(({ practitioner_id }) => practitioner_id === column.doctor.id) : undefined}
            />
          ))}
        </div>
        <div className={styles.body} style={{ height: heightOf(scale), '--columns': shown.length } as React.CSSProperties} onKeyDown={moveFocus}>
          <div className={styles.gutter} aria-hidden>
            {hoursOf(scale).map((hour) => <span key={hour} className="num" style={{ top: yOf(scale, hour) }}>{format.time(hour)}</span>)}
          </div>
          <div className={styles.hours} aria-hidden>
            {hoursOf(scale).slice(1).map((hour) => <i key={hour} style={{ top: yOf(scale, hour) }} />)}
          </div>
          {columns.map((column) => <DoctorColumn key={column.doctor.id} column={column} scale={scale} hands={hands} />)}
          {showsNow && (
            <div className={styles.now} style={{ top: nowAt, '--columns': shown.length } as React.CSSProperties} aria-hidden>
              <span className="num">{format.time(now)}</span>
              {columns.map(({ doctor }, nth) => <u key={doctor.id} style={{ '--nth': nth } as React.CSSProperties} />)}
            </div>
          )}
        </div>
      </div>
      {drag.at && moving && <Carried at={drag.at} visit={moving.visit} over={moving.over} />}
      {moving ? (
        <MoveBar moving={moving} offered={offered} day={day} onDrop={drop} onPutBack={putBack} />
      ) : (
        chosen && (
          <ChosenBar
            visit={chosen} onClose={() => setChosenId(null)} onMove={mayMove(chosen) ? () => take(chosen) : undefined}
            onOpen={onOpenPatient && (() => onOpenPatient(chosen.patient_id))}
          />
        )
      )}
    </Panel>
  )
}

const placeOf = (doctor: Doctor, { starts_at, ends_at, facility_id }: Slot): Place => ({
  practitioner_id: doctor.id, practitioner_name: doctor.name, facility_id, starts_at, ends_at,
})

function scaleFor(columns: readonly ColumnDay[], day: string, timeZone: string) {
  const slots = columns.flatMap(({ slots: some = [] }) => some)
  const visits = columns.flatMap(({ visits: some = [] }) => some)
  const minutes = slots.filter(({ kind }) => kind === 'slot').map((slot) => (spanOf(slot).to - spanOf(slot).from) / 60_000)
  return scaleOf(Date.parse(instantOf(day, '00:00', timeZone)), [...slots, ...visits].map(spanOf), minutes.length ? Math.min(...minutes) : 20)
}

/** The item of a column that Tab reaches: the last focused one, else what comes next. */
function currentItem(column: ColumnDay | undefined, focused: string | undefined, now: number): string | undefined {
  if (!column) return undefined
  const free = (column.slots ?? []).filter(({ status, free: left }) => status === 'free' && left > 0)
  const items = [...(column.visits ?? []).map((visit) => ({ item: visit.id, ...spanOf(visit) })), ...free.map((slot) => ({ item: slotKey(slot), ...spanOf(slot) }))]
  items.sort((one, other) => one.from - other.from)
  if (items.some(({ item }) => item === focused)) return focused
  return (items.find(({ to }) => to > now) ?? items.at(-1))?.item
}

/** Once for a day, when it is there: the present stands near the top. */
function useStartAtNow(scroller: React.RefObject<HTMLDivElement | null>, ready: string | null, top: number) {
  const done = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (!ready || done.current === ready || !scroller.current) return
    done.current = ready
    scroller.current.scrollTo({ top: Math.max(0, top) })
  }, [scroller, ready, top])
}

/** What hangs at the pointer: whose visit, where it would go and how much that changes. */
function Carried({ at, visit, over }: { at: { x: number; y: number }; visit: Appointment; over: Place | null }) {
  const { t } = useTranslation('scheduling')
  const { time, minutes } = useFormats()
  const later = over ? (Date.parse(over.starts_at) - Date.parse(visit.starts_at)) / 60_000 : 0
  const change = later === 0 ? '' : t(later < 0 ? 'columns.earlier' : 'columns.later', { minutes: minutes(Math.abs(later)) })
  return (
    <div className={styles.carried} style={{ left: at.x + 10, top: at.y - 22 }} aria-hidden>
      <b>{visit.patient?.name}</b><Flag of={medicoLegal(visit.patient, t)} />
      <span className="num">{over ? [time(over.starts_at), change].filter(Boolean).join(', ') : t('columns.notHere')}</span>
    </div>
  )
}
