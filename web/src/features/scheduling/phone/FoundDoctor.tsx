import { Check } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { addDays, boundsOf } from '~/lib/wallTime'
import { WaitFor } from '../waitlist/WaitFor'
import styles from './Phone.module.css'

export type Found = components['schemas']['Availability']
type Time = { starts_at: string; ends_at: string; kind: string }
/** What is chosen: one place of one practitioner. */
export type Choice = Time & { found: Found }

export const nameOf = ({ practitioner }: Found) => `${practitioner.title} ${practitioner.name}`.trim()

/** 10:30, or the whole session where one comes by token. */
export function useTimeWords() {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  return ({ starts_at, ends_at, kind }: Time) => (kind === 'token' ? t('phone.sessionAt', { from: time(starts_at), to: time(ends_at) }) : time(starts_at))
}

/**
 * A doctor at one branch with the first free times; more of that day and the days after on request. `personId`: who may
 * wait for a place where there is none; left out where a visit is only moved.
 */
export function FoundDoctor({ found, personId, choice, onChoose }: { found: Found; personId?: string; choice: Choice | null; onChoose: (choice: Choice, byKeyboard: boolean) => void }) {
  const { t, i18n } = useTranslation('scheduling')
  const format = useFormats()
  const timeWords = useTimeWords()
  const problemText = useProblemText()
  const { practitioner, next, facility_name, facility_id } = found
  const [day, setDay] = useState<string | null>(null)
  const firstDay = next[0] && format.dayOf(next[0].starts_at)
  const shown = day ?? firstDay
  const bounds = shown ? boundsOf(shown, format.timeZone) : { from: '', to: '' }
  const slots = $api.useQuery('get', '/api/slots', { params: { query: { practitioner_id: practitioner.id, facility_id, from: bounds.from, to: bounds.to } } }, { enabled: day !== null })
  const times: readonly Time[] = day === null ? next : (slots.data?.items ?? []).filter(({ status, is_held_by_you }) => status === 'free' || is_held_by_you)
  // What is kept for this person is no longer free to find, and still theirs to see.
  const mine = choice && choice.found.practitioner.id === practitioner.id && choice.found.facility_id === facility_id ? choice : null
  const shownTimes = mine && day === null && !times.some(({ starts_at }) => starts_at === mine.starts_at) && format.dayOf(mine.starts_at) === firstDay ? [...times, mine].sort((one, other) => one.starts_at.localeCompare(other.starts_at)) : times
  const isFull = day !== null && slots.data !== undefined && times.length === 0
  const nextFree = useNextFree(found, day, isFull)
  const years = practitioner.practising_since ? new Date().getFullYear() - practitioner.practising_since : 0
  const field = (i18n.language === 'hi' && practitioner.department_name_hi) || practitioner.specialty || practitioner.department_name
  return (
    <li>
      <div className={styles.doctor}>
        <span>
          <b>{nameOf(found)}</b>
          <span className="dim">{[field, years > 0 && t('phone.years', { count: years }), facility_name].filter(Boolean).join(', ')}</span>
        </span>
        <span className="num">{format.rupees(practitioner.consultation_fee_paise)}</span>
      </div>
      {shown ? (
        <>
          <div className={styles.day} data-moves={day !== null || undefined}>
            {day !== null && firstDay && day > firstDay && (
              <button type="button" onClick={() => setDay(addDays(day, -1))}>
                {t('phone.dayBefore')}
              </button>
            )}
            <span>{format.day(bounds.from)}</span>
            {day !== null && (
              <button type="button" onClick={() => setDay(addDays(day, 1))}>
                {t('phone.dayAfter')}
              </button>
            )}
          </div>
          <div className={styles.chips}>
            {shownTimes.map((one) => {
              const isChosen = mine?.starts_at === one.starts_at
              return (
                <button
                  key={one.starts_at} type="button" className={styles.chip} data-session={one.kind === 'token' || undefined} aria-pressed={isChosen}
                  onClick={({ detail }) => onChoose({ found, starts_at: one.starts_at, ends_at: one.ends_at, kind: one.kind }, detail === 0)}
                >
                  {isChosen && <Check size={15} aria-hidden />}
                  <span className="num">{timeWords(one)}</span>
                </button>
              )
            })}
            {day === null && (
              <button type="button" className={`${styles.chip} ${styles.moreTimes}`} aria-label={t('phone.moreOf', { name: nameOf(found) })} onClick={() => setDay(firstDay ?? format.today())}>
                {t('phone.more')}
              </button>
            )}
            {isFull && (
              <span className={`${styles.full} dim2`}>
                {t('phone.dayFull')}
                {nextFree && (
                  <button type="button" onClick={() => setDay(format.dayOf(nextFree))}>
                    {t('phone.nextFree', { day: format.day(nextFree) })}
                  </button>
                )}
              </span>
            )}
            {slots.error && !slots.data && (
              <button type="button" className={`${styles.chip} ${styles.wide}`} onClick={() => void slots.refetch()}>
                {problemText(slots.error)} {t('ui:error.retry')}
              </button>
            )}
          </div>
          {isFull && personId && <WaitFor key={shown} patientId={personId} practitioner={practitioner} facilityId={facility_id} day={shown} size="lg" />}
        </>
      ) : (
        <>
          <p className={styles.day}>{t('phone.nothingFree')}</p>
          {personId && <WaitFor patientId={personId} practitioner={practitioner} facilityId={facility_id} day={format.today()} size="lg" />}
        </>
      )}
    </li>
  )
}

/** The doctor's first free time in the fortnight after a day that has none. */
function useNextFree({ practitioner, facility_id }: Found, from: string | null, isFull: boolean) {
  const { data } = $api.useQuery('get', '/api/availability', { params: { query: { from: from ?? '', days: 14, facility_id } } }, { enabled: isFull && from !== null })
  return isFull ? data?.items.find((one) => one.practitioner.id === practitioner.id)?.next[0]?.starts_at : undefined
}
