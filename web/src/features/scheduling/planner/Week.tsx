import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ErrorState, Panel } from '~/ui'
import { moveFocus } from '../columns/arrows'
import { ChosenBar } from '../columns/ChosenBar'
import type { Appointment, Doctor, Slot } from '../columns/columnsDay'
import { DoctorColumn } from '../columns/DoctorColumn'
import { slotKey, type Hands } from '../columns/hands'
import { boxOf, heightOf, hoursOf, instantAt, spanOf, yOf } from '../columns/layout'
import { MoveBar } from '../columns/MoveBar'
import { useDrag } from '../columns/useDrag'
import { useMoving, type Place } from '../columns/useMoving'
import { loadAt, useLoad } from './load'
import { LoadMark } from './LoadMark'
import styles from './Planner.module.css'
import { scalesOf, useWeek } from './weekDays'

type Props = {
  doctor: Doctor
  facilityId: string
  days: readonly string[]
  onBook: (place: Place) => void
  onDay: (day: string) => void
  onOpenPatient?: (patientId: string) => void
}

/** One doctor's seven days side by side: as the columns of a day, with the days in the doctors' place. */
export function Week({ doctor, facilityId, days, onBook, onDay, onOpenPatient }: Props) {
  const { t } = useTranslation('scheduling')
  const { t: planner } = useTranslation('planner')
  const format = useFormats()
  const now = useNow()
  const week = useWeek(doctor, facilityId, days, format.timeZone)
  const load = useLoad(facilityId, days[0] ?? '', days.at(-1) ?? '', days.length > 0)
  const loads = loadAt(load.data?.items, doctor.id, facilityId)
  const scales = scalesOf(week.columns, format.timeZone)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const { moving, offered, isBusy, take, hold, drop, putBack } = useMoving(({ id }) => setChosenId(id))
  const visits = week.columns.flatMap(({ visits: some = [] }) => some)
  const chosen = visits.find(({ id }) => id === chosenId)
  const mayMove = ({ status }: Appointment) => can('appointment.change') && (status === 'pending' || status === 'booked')
  const placeOf = ({ starts_at, ends_at, facility_id }: Slot): Place => ({ practitioner_id: doctor.id, practitioner_name: doctor.name, facility_id, starts_at, ends_at })

  const placeAt = ({ x, y }: { x: number; y: number }): Place | null => {
    const element = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-day]')
    const column = week.columns.find(({ day }) => day === element?.dataset.day)
    const scale = column && scales.get(column.day)
    if (!element || !scale) return null
    const instant = instantAt(scale, y - element.getBoundingClientRect().top)
    const slot = column.slots?.find((one) => one.status === 'free' && one.free > 0 && spanOf(one).from <= instant && instant < spanOf(one).to)
    return slot ? placeOf(slot) : null
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

  const current = currentItem(week.columns, focused, now)
  const hands: Hands = {
    chosenId,
    heldId: moving?.visit.id ?? null,
    over: moving?.over ?? null,
    tabIndexOf: (_, item) => (item === current ? 0 : -1),
    onFocus: (_, item) => {
      setFocused(item)
      if (!moving && visits.some(({ id }) => id === item)) setChosenId(item)
    },
    onChoose: ({ id }) => !moving && setChosenId(id),
    onFree: (_, slot) => (moving ? drop(placeOf(slot)) : onBook(placeOf(slot))),
    takesFree: moving !== null || can('appointment.book'),
    mayMove: (visit) => !isBusy && mayMove(visit),
    onPress: drag.press,
  }
  const first = week.columns[0] && scales.get(week.columns[0].day)
  const today = format.today(now)
  return (
    <Panel title={planner('weekOf', { name: doctor.name })} note={loads && <LoadMark load={loads.total} withPercent />} className={styles.sheet}>
      {week.error != null && <ErrorState error={week.error} onRetry={week.retry} />}
      <div ref={scroller} className={styles.week} tabIndex={0} role="group" aria-label={planner('sheet')}>
        <div className={styles.heads}>
          <div />
          {week.columns.map(({ day }) => (
            <div key={day} className={styles.head}>
              <h2>
                <button type="button" className={styles.toDay} data-today={day === today || undefined} onClick={() => onDay(day)}>{format.bareDay(day)}</button>
              </h2>
              <LoadMark load={loads?.days.find((one) => one.day === day)} />
            </div>
          ))}
        </div>
        {first && (
          <div className={styles.body} style={{ height: heightOf(first) }} onKeyDown={moveFocus}>
            <div className={styles.gutter} aria-hidden>
              {hoursOf(first).map((hour) => <span key={hour} className="num" style={{ top: yOf(first, hour) }}>{format.time(hour)}</span>)}
            </div>
            <div className={styles.hours} aria-hidden>
              {hoursOf(first).slice(1).map((hour) => <i key={hour} style={{ top: yOf(first, hour) }} />)}
            </div>
            {week.columns.map((column) => {
              const scale = scales.get(column.day)
              if (!scale) return null
              // What hangs over another day is not drawn in this one.
              const isOver = moving?.over && boxOf(scale, spanOf(moving.over)).top >= 0 && format.dayOf(moving.over.starts_at) === column.day
              return (
                <div key={column.day} className={styles.day} data-day={column.day}>
                  <DoctorColumn column={{ ...column, doctor: { ...doctor, name: format.bareDay(column.day, 'long') } }} scale={scale} hands={{ ...hands, over: isOver ? hands.over : null }} />
                </div>
              )
            })}
          </div>
        )}
      </div>
      {moving ? (
        <MoveBar moving={moving} offered={offered} day={days[0] ?? ''} onDrop={drop} onPutBack={putBack} />
      ) : (
        chosen && (
          <ChosenBar
            visit={chosen} onClose={() => setChosenId(null)} onMove={mayMove(chosen) ? () => take(chosen) : undefined}
            onOpen={onOpenPatient && (() => onOpenPatient(chosen.patient_id))}
          />
        )
      )}
      <span className="vh" role="status">{week.isLoading ? t('columns.loading') : ''}</span>
    </Panel>
  )
}

/** The one item of the week that Tab reaches: the last focused, else the next in time. */
function currentItem(columns: ReturnType<typeof useWeek>['columns'], focused: string | null, now: number): string | undefined {
  const items = columns.flatMap(({ visits = [], slots = [] }) => [
    ...visits.map((visit) => ({ item: visit.id, ...spanOf(visit) })),
    ...slots.filter(({ status, free }) => status === 'free' && free > 0).map((slot) => ({ item: slotKey(slot), ...spanOf(slot) })),
  ])
  if (items.some(({ item }) => item === focused)) return focused ?? undefined
  items.sort((one, other) => one.from - other.from)
  return (items.find(({ to }) => to > now) ?? items.at(-1))?.item
}
