import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { medicoLegal } from '~/lib/medicoLegal'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { boundsOf } from '~/lib/wallTime'
import { DateNav, EmptyState, ErrorState, Flag, Key, Notice, Optional, Panel, PanelBody } from '~/ui'
import { bookableChoices, bookableInFull, bookableName, bookableWord } from '../bookable'
import { WaitFor } from '../waitlist/WaitFor'
import styles from './BookingForm.module.css'
import { NoShows } from './NoShows'
import { SeriesForm } from './SeriesForm'
import { ScopeChoice, type Scope } from './ScopeChoice'
import { isTaken, TakenMeanwhile, type Place, type Taken } from './TakenMeanwhile'
import { useHold } from './useHold'

type Appointment = components['schemas']['AppointmentRead']
type Slot = components['schemas']['SlotRead']

type Props = {
  patient: { id: string; name: string; is_medico_legal?: boolean }
  practitionerId?: string | null
  facilityId: string
  /** "2026-11-23"; today where nothing is said. */
  day?: string
  /** A booking that gets another time instead of a new one. */
  moving?: Pick<Appointment, 'id' | 'series_id'>
  onBooked: (appointment: Appointment) => void
  onClose: () => void
}

/** Doctor, day, time: Enter books. Who was faster is told kindly, with the next three places. */
export function BookingForm({ patient, practitionerId, facilityId, day: given, moving, onBooked, onClose }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const now = useNow()
  const today = format.today(now)
  const practitioners = usePractitioners(facilityId)
  const [chosen, setChosen] = useState(practitionerId ?? '')
  const who = chosen || (practitioners[0]?.id ?? '')
  const [day, setDay] = useState(given ?? today)
  const [startsAt, setStartsAt] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [isOverriding, setOverriding] = useState(false)
  const [why, setWhy] = useState('')
  const [isWhyMissing, setWhyMissing] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const [repeats, setRepeats] = useState(false)
  const [scope, setScope] = useState<Scope>('this')
  const [isChoosing, setChoosing] = useState(false)
  const { hold, isOver, keep, letGo, used } = useHold(patient.id)
  const [taken, setTaken] = useState<Taken | null>(null)
  const slots = $api.useQuery(
    'get', '/api/slots',
    { params: { query: { practitioner_id: who, facility_id: facilityId, ...boundsOf(day, format.timeZone) } } },
    { enabled: who !== '' },
  )
  const free = slots.data?.items.filter(canBook)
  const offered = isOverriding ? slots.data?.items.filter(({ status }) => status !== 'past') : slots.data?.items.filter((one) => canBook(one) || isBeingBooked(one))
  const slot = offered?.find(({ starts_at }) => starts_at === startsAt) ?? (isOverriding ? offered : free)?.[0]
  const needsWhy = slot !== undefined && !canBook(slot)
  const nextFree = useNextFree(who, facilityId, day, free?.length === 0)
  const doctor = practitioners.find(({ id }) => id === who)
  const nameOf = (id: string) => practitioners.filter((one) => one.id === id).map(bookableName)[0] ?? ''
  const { book, isBooking } = useBooking(patient.id, moving, reason, needsWhy ? why.trim() : null, hold?.id, scope)

  const take = async (place: Place) => {
    setRefusal(null)
    setTaken(null)
    try {
      const made = await book(place)
      used()
      onBooked(made)
    } catch (error) {
      const problem = asProblem(error)
      const next = problem.extra.next_free
      if (isTaken(problem.code) && Array.isArray(next)) setTaken({ place, next: next as Place[], isRoom: problem.code === 'room_taken' })
      else setRefusal(error)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (needsWhy && !why.trim()) return setWhyMissing(true)
    if (slot && !isBooking) void take({ practitioner_id: who, practitioner_name: nameOf(who), facility_id: slot.facility_id, starts_at: slot.starts_at })
  }
  const choose = async (starts_at: string) => {
    setStartsAt(starts_at)
    setRefusal(null)
    const wanted = slots.data?.items.find((one) => one.starts_at === starts_at)
    if (!wanted || !canBook(wanted)) return letGo()
    try {
      await keep({ practitioner_id: who, facility_id: wanted.facility_id, starts_at })
    } catch (error) {
      setStartsAt(null)
      setRefusal(error)
      void slots.refetch()
    }
  }
  const title = taken ? t('desk.taken.title') : t(moving ? 'desk.booking.move' : 'desk.booking.title')
  return (
    <Panel title={title} note={<>{patient.name}<Flag of={medicoLegal(patient, t)} /></>} label={title} className={styles.panel}>
      {repeats && slot && !taken ? (
        <SeriesForm
          patientId={patient.id} practitionerId={who} facilityId={slot.facility_id} first={slot.starts_at} reason={reason.trim()} holdId={hold?.id}
          onBooked={(first) => { used(); onBooked(first) }} onBack={() => setRepeats(false)}
        />
      ) : taken ? (
        <TakenMeanwhile {...taken} onTake={(place) => void take(place)} />
      ) : (
        <form className={styles.form} onSubmit={submit} aria-label={title} onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onClose()}>
          <div className={styles.fields}>
            <Select
              label={bookableWord(practitioners, t)} searchable allowDeselect={false} value={who || null} onChange={(id) => id && setChosen(id)}
              disabled={practitioners.length === 0 /* the name that comes would take the place of what is typed */}
              onDropdownOpen={() => setChoosing(true)} onDropdownClose={() => setChoosing(false)}
              data={bookableChoices(practitioners, ({ id }) => id, t, bookableInFull)}
            />
            <div className={styles.day}>
              <b className="num">{format.bareDay(day, 'long')}</b>
              <DateNav day={day} today={today} onChange={(chosen) => setDay(chosen < today ? today : chosen)} />
            </div>
            {slots.error ? (
              <ErrorState error={slots.error} onRetry={() => void slots.refetch()} />
            ) : offered?.length === 0 ? (
              <EmptyState
                title={t('desk.booking.full')} why={t('desk.booking.fullWhy')}
                step={
                  <>
                    {nextFree && <Button variant="default" autoFocus={document.activeElement === document.body} onClick={() => setDay(format.dayOf(nextFree))}>{t('desk.booking.nextFree', { at: format.nearInside(nextFree, now) })}</Button>}
                    {!moving && doctor && <WaitFor key={`${who}${day}`} patientId={patient.id} practitioner={doctor} facilityId={facilityId} day={day} reason={reason} />}
                  </>
                }
              />
            ) : (
              <Slots slots={offered ?? []} chosen={slot} onChoose={(at) => void choose(at)} isBusy={!offered} takesFocus={!isChoosing} />
            )}
            {slot?.room_name && !slot.is_room_taken && <p className="dim2">{t('desk.booking.inRoom', { room: slot.room_name })}</p>}
            {hold && hold.starts_at === slot?.starts_at && <p className="dim2" role="status">{isOver ? t('desk.booking.keptOver') : t('desk.booking.kept', { till: format.time(hold.expires_at) })}</p>}
            {!moving && <NoShows patientId={patient.id} />}
            {can('appointment.override') && <Checkbox label={t('desk.booking.override')} checked={isOverriding} onChange={({ target }) => setOverriding(target.checked)} />}
            {needsWhy && <TextInput label={t('desk.booking.why')} value={why} maxLength={300} error={isWhyMissing && !why.trim() && t('desk.booking.whyMissing')} onChange={({ target }) => setWhy(target.value)} />}
            {!moving && <TextInput label={<Optional>{t('desk.reason')}</Optional>} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />}
            {moving?.series_id && <ScopeChoice label={t('series.moveWhich')} value={scope} onChange={setScope} />}
            {!moving && slot && !needsWhy && <Checkbox label={t('series.repeats')} checked={repeats} onChange={({ target }) => setRepeats(target.checked)} />}
            {refusal !== null && <Notice urgent title={problemText(refusal)} />}
          </div>
          <div className={styles.steps}>
            <Button variant="default" onClick={onClose} rightSection={<Key of="back" />}>{t('desk.leave')}</Button>
            {slot && (
              <Button type="submit" flex={1} loading={isBooking} rightSection={<Key of="choose" />}>
                {t(moving ? 'desk.booking.moveTo' : 'desk.booking.book', { at: format.nearInside(slot.starts_at, now) })}
              </Button>
            )}
          </div>
        </form>
      )}
      {taken && (
        <PanelBody>
          <Button variant="subtle" onClick={() => setTaken(null)}>{t('desk.taken.other')}</Button>
        </PanelBody>
      )}
    </Panel>
  )
}

/** Everyone who sees patients at the branch, on whichever day. */
function usePractitioners(facility_id: string) {
  const { data } = $api.useQuery('get', '/api/practitioners', { params: { query: { facility_id, is_active: true, limit: 200 } } })
  return data?.items ?? []
}

/** The doctor's first free time of the fortnight after a day that has none. */
function useNextFree(practitionerId: string, facility_id: string, from: string, isFull: boolean) {
  const { data } = $api.useQuery('get', '/api/availability', { params: { query: { from, days: 14, facility_id } } }, { enabled: isFull })
  return isFull ? data?.items.find(({ practitioner }) => practitioner.id === practitionerId)?.next[0]?.starts_at : undefined
}

/** Books a place or moves there, with one Idempotency-Key until it is answered. */
function useBooking(patientId: string, moving: Props['moving'], reason: string, override_reason: string | null, hold_id: string | undefined, scope: Scope) {
  const idempotent = useIdempotent()
  const booking = $api.useMutation('post', '/api/appointments')
  const move = $api.useMutation('post', '/api/appointments/{appointment_id}/reschedule')
  const moveSeries = $api.useMutation('post', '/api/appointment-series/{series_id}/move')
  const book = ({ practitioner_id, facility_id, starts_at }: Place): Promise<Appointment> =>
    idempotent(async (headers) => {
      if (!moving) return booking.mutateAsync({ body: { patient_id: patientId, practitioner_id, facility_id, starts_at, reason: reason.trim() || null, override_reason, hold_id }, headers })
      if (!moving.series_id || scope === 'this') return move.mutateAsync({ params: { path: { appointment_id: moving.id } }, body: { practitioner_id, facility_id, starts_at, override_reason, hold_id }, headers })
      const series = await moveSeries.mutateAsync({ params: { path: { series_id: moving.series_id } }, body: { appointment_id: moving.id, scope, starts_at, practitioner_id }, headers })
      return series.appointments.find((one) => one.rescheduled_from_id === moving.id) as Appointment
    })
  return { book, isBooking: booking.isPending || move.isPending || moveSeries.isPending }
}

/** A free place, one that is kept for this person, or one of the extra ones that are the desk's. */
const canBook = ({ status, extra, is_held_by_you }: Slot) => status === 'free' || (status === 'busy' && (extra > 0 || is_held_by_you))
const isBeingBooked = ({ status, held }: Slot) => status === 'busy' && held > 0

type SlotsProps = { slots: readonly Slot[]; chosen: Slot | undefined; onChoose: (startsAt: string) => void; isBusy: boolean; takesFocus: boolean }

/** The times as radio buttons, those taken struck through: arrows move, Enter sends the form. Who is choosing a doctor keeps the focus. */
function Slots({ slots, chosen, onChoose, isBusy, takesFocus }: SlotsProps) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const name = useId()
  return (
    <fieldset className={styles.slots} aria-busy={isBusy}>
      <legend className="vh">{t('desk.booking.times')}</legend>
      <div>
        {slots.map((slot) => {
          const { starts_at, ends_at, kind, free, status } = slot
          const state = slot.is_room_taken ? 'roomTaken' : isBeingBooked(slot) && !slot.is_held_by_you ? 'held' : canBook(slot) ? (status === 'free' || slot.is_held_by_you ? 'free' : 'extra') : status
          return (
            <label key={`${starts_at}${kind}`} className="num" data-taken={state} data-wide={kind === 'token' || undefined} title={state === 'held' || state === 'extra' || state === 'roomTaken' ? t(`desk.booking.${state}`) : undefined}>
              <input type="radio" name={name} autoFocus={takesFocus && starts_at === chosen?.starts_at} checked={starts_at === chosen?.starts_at} disabled={state === 'held' && slot.extra === 0} onChange={() => onChoose(starts_at)} />
              <span>{state !== 'free' && <span className="vh">{t(`desk.booking.${state}`)} </span>}{kind === 'token' ? t('desk.booking.session', { from: time(starts_at), to: time(ends_at), count: free }) : time(starts_at)}{state === 'extra' && <sup aria-hidden>+</sup>}</span>
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}
