import { Button, TextInput } from '@mantine/core'
import { ArrowDown, Search } from 'lucide-react'
import { useDeferredValue, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api, asProblem, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { boundsOf, dayOf } from '~/lib/wallTime'
import { useZoneOf, ZoneOf } from '~/lib/ZoneOf'
import { EmptyState } from '~/ui/EmptyState'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { PhoneSkeleton } from '~/ui/PhonePage'
import { isService } from '../bookable'
import { useHold } from '../booking/useHold'
import { FoundDoctor, nameOf, useTimeWords, type Choice } from './FoundDoctor'
import styles from './Phone.module.css'
import { nearestFree } from './visits'
import { ZoneNote } from '~/ui/ZoneNote'

type Person = { id: string; name: string; relation: string }
/** Why a time that was on offer can't be had any more. */
const gone = ['slot_taken', 'room_taken', 'practitioner_on_leave', 'no_such_slot', 'in_the_past']

type Props = {
  people: readonly Person[]
  /** Books in place of this visit: "other time". */
  moving?: { id: string; practitionerId: string; patientId: string }
  onBooked: (visitId: string) => void
}

/** Find a doctor or a service, choose a time, confirm: three taps. Where someone was faster, the next time is chosen already. */
export function Finder({ people, moving, onBooked }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const [search, setSearch] = useState('')
  const [personId, setPersonId] = useState(moving?.patientId ?? people[0]?.id ?? '')
  const [choice, setChoice] = useState<Choice | null>(null)
  const zone = useZoneOf(choice?.found.facility_id) ?? format.timeZone
  const text = useDeferredValue(search.trim())
  const from = format.today()
  const openings = $api.useQuery('get', '/api/availability', { params: { query: { from, days: 14, ...(text ? { search: text } : {}) } } })
  const next = useRef<HTMLButtonElement>(null)
  const others = useRef<HTMLHeadingElement>(null)
  const { hold, isOver, keep, used } = useHold(personId)
  const { take, isTaking, refusal } = useTaking(personId, moving?.id, hold?.id)
  const [notKept, setNotKept] = useState<unknown>(null)
  const found = openings.data?.items.filter(({ practitioner }) => !moving || practitioner.id === moving.practitionerId)
  const [doctors, services] = [false, true].map((wanted) => (found ?? []).filter(({ practitioner }) => isService(practitioner) === wanted))
  const groups = [
    { word: 'bookable.doctors' as const, of: doctors ?? [] },
    { word: 'bookable.services' as const, of: services ?? [] },
  ].filter(({ of }, nth) => of.length > 0 || (nth === 0 && !found))

  const choose = (chosen: Choice, byKeyboard: boolean) => {
    setChoice(chosen)
    void keepOrNext(chosen)
    if (byKeyboard) requestAnimationFrame(() => next.current?.focus())
  }
  const keepOrNext = async (chosen: Choice) => {
    setNotKept(null)
    try {
      await keep({ practitioner_id: chosen.found.practitioner.id, facility_id: chosen.found.facility_id, starts_at: chosen.starts_at })
    } catch (error) {
      setNotKept(error)
      if (!gone.includes(asProblem(error).code)) return
      setChoice(await instead(chosen, format.timeZone))
      void openings.refetch()
    }
  }
  const confirm = async () => {
    if (!choice) return
    try {
      const { id } = await take(choice)
      used()
      onBooked(id)
    } catch (error) {
      if (!gone.includes(asProblem(error).code)) return
      setChoice(await instead(choice, zone))
      void openings.refetch()
    }
  }
  const problem = refusal ?? (notKept == null ? null : asProblem(notKept))
  return (
    <>
      <div className={styles.finder}>
        {!moving && (
          <TextInput type="search" aria-label={t('phone.search')} placeholder={t('phone.search')} leftSection={<Search size={20} aria-hidden />} value={search} onChange={({ target }) => setSearch(target.value)} />
        )}
        {people.length > 1 && !moving && (
          <label className={styles.forWhom}>
            {t('phone.for')}
            <select value={personId} onChange={({ target }) => setPersonId(target.value)}>
              {people.map(({ id, name, relation }) => (
                <option key={id} value={id}>
                  {relation === 'self' ? t('phone.you', { name }) : name}
                </option>
              ))}
            </select>
          </label>
        )}
        {openings.error && !found ? (
          <ErrorState error={openings.error} onRetry={() => void openings.refetch()} />
        ) : found?.length === 0 ? (
          <EmptyState title={t('phone.nobodyFound')} why={t('phone.nobodyFoundWhy')} />
        ) : (
          groups.map(({ word, of }, nth) => (
            <section key={word} aria-label={groups.length > 1 ? t(word) : undefined}>
              {groups.length > 1 && (
                <h2 className={styles.group} ref={nth === 0 ? null : others} tabIndex={-1}>
                  {t(word)}
                  {nth === 0 && (
                    <button type="button" onClick={() => others.current?.focus()}>
                      {t('bookable.services')} <ArrowDown size={16} aria-hidden />
                    </button>
                  )}
                </h2>
              )}
              <ul className={styles.found} aria-busy={!found}>
                {!found && <PhoneSkeleton rows={4} />}
                {of.map((one) => (
                  <ZoneOf key={`${one.practitioner.id}${one.facility_id}`} facilityId={one.facility_id}>
                    <FoundDoctor found={one} personId={moving ? undefined : personId} choice={choice} onChoose={choose} />
                  </ZoneOf>
                ))}
              </ul>
            </section>
          ))
        )}
      </div>
      {(choice || problem) && (
        <div className={styles.confirm} role="region" aria-label={t('phone.yourChoice')}>
          {problem && (
            <Notice urgent title={problemText(problem)}>
              {gone.includes(problem.code) && t(choice ? 'phone.nextInstead' : 'phone.chooseOther')}
            </Notice>
          )}
          {choice && (
            <>
              <p>
                <ZoneOf facilityId={choice.found.facility_id}><ChosenTime choice={choice} /></ZoneOf>
                <span>{t('phone.payAtDesk', { name: nameOf(choice.found), fee: format.rupees(choice.found.practitioner.consultation_fee_paise) })}</span>
                {hold && hold.starts_at === choice.starts_at && <span role="status">{isOver ? t('phone.keptOver') : t('phone.kept', { till: format.time(hold.expires_at) })}</span>}
              </p>
              <Button ref={next} size="xl" fullWidth loading={isTaking} onClick={() => void confirm()}>
                {t(moving ? 'phone.confirmMove' : 'phone.confirm')}
              </Button>
            </>
          )}
        </div>
      )}
    </>
  )
}

/** The chosen day and time, by the branch's own clock. */
function ChosenTime({ choice }: { choice: Choice }) {
  const { dayShort } = useFormats()
  const timeWords = useTimeWords()
  return <b>{`${dayShort(choice.starts_at)}, ${timeWords(choice)}`} <ZoneNote /></b>
}

/** Books the place, or moves the visit there. */
function useTaking(patient_id: string, movingId: string | undefined, hold_id: string | undefined) {
  const idempotent = useIdempotent()
  const book = $api.useMutation('post', '/api/appointments')
  const move = $api.useMutation('post', '/api/appointments/{appointment_id}/reschedule')
  const error = book.error ?? move.error
  const take = ({ found, starts_at }: Choice) => {
    const place = { starts_at, practitioner_id: found.practitioner.id, facility_id: found.facility_id, hold_id }
    return idempotent((headers) =>
      movingId ? move.mutateAsync({ params: { path: { appointment_id: movingId } }, body: place, headers }) : book.mutateAsync({ body: { ...place, patient_id }, headers }),
    )
  }
  return { take, isTaking: book.isPending || move.isPending, refusal: error == null ? null : asProblem(error) }
}

/** What the same doctor has free next on the day of a time that is gone. */
async function instead({ found, starts_at }: Choice, timeZone: string): Promise<Choice | null> {
  const query = { practitioner_id: found.practitioner.id, facility_id: found.facility_id, ...boundsOf(dayOf(starts_at, timeZone), timeZone) }
  const { data } = await api.GET('/api/slots', { params: { query } }).catch(() => ({ data: undefined }))
  const next = nearestFree(data?.items ?? [], starts_at)
  return next ? { found, starts_at: next.starts_at, ends_at: next.ends_at, kind: next.kind } : null
}
