import { Button, TextInput } from '@mantine/core'
import { Check, Search } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { addDays, boundsOf } from '~/lib/zone'
import { EmptyState } from '~/ui/EmptyState'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from './Phone.module.css'

type Found = components['schemas']['Availability']
type Person = { id: string; name: string; relation: string }
/** What is chosen: one place of one practitioner. */
type Choice = { found: Found; starts_at: string; kind: string }

type Props = {
  people: readonly Person[]
  /** Books in place of this visit: "other time". */
  moving?: { id: string; practitionerId: string; patientId: string }
  onBooked: (visitId: string) => void
}

/** Find a doctor, choose a time, confirm: three taps. */
export function Finder({ people, moving, onBooked }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [search, setSearch] = useState('')
  const [personId, setPersonId] = useState(moving?.patientId ?? people[0]?.id ?? '')
  const [choice, setChoice] = useState<Choice | null>(null)
  const text = useDeferredValue(search.trim())
  const from = format.today()
  const openings = $api.useQuery('get', '/api/availability', { params: { query: { from, days: 14, ...(text ? { search: text } : {}) } } })
  const book = $api.useMutation('post', '/api/appointments')
  const move = $api.useMutation('post', '/api/appointments/{appointment_id}/reschedule')
  const found = openings.data?.items.filter(({ practitioner }) => !moving || practitioner.id === moving.practitionerId)
  const error = book.error ?? move.error

  const confirm = async () => {
    if (!choice) return
    const { found: at, starts_at } = choice
    const made = await idempotent((headers) =>
      moving
        ? move.mutateAsync({ params: { path: { appointment_id: moving.id } }, body: { starts_at, practitioner_id: at.practitioner.id, facility_id: at.facility_id }, headers })
        : book.mutateAsync({ body: { patient_id: personId, practitioner_id: at.practitioner.id, facility_id: at.facility_id, starts_at }, headers }),
    ).catch((refused: unknown) => {
      if (asProblem(refused).code === 'slot_taken') {
        setChoice(null)
        void openings.refetch()
      }
      return null
    })
    if (!made) return
    toast({ title: t(made.status === 'pending' ? 'phone.asked' : 'phone.booked'), detail: format.near(made.starts_at) })
    onBooked(made.id)
  }
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
        {error != null && <Notice urgent title={problemText(error)} />}
        {openings.error && !found ? (
          <ErrorState error={openings.error} onRetry={() => void openings.refetch()} />
        ) : found?.length === 0 ? (
          <EmptyState title={t('phone.nobodyFound')} why={t('phone.nobodyFoundWhy')} />
        ) : (
          <ul className={styles.found} aria-busy={!found}>
            {found?.map((one) => (
              <FoundDoctor key={`${one.practitioner.id}${one.facility_id}`} found={one} choice={choice} onChoose={setChoice} />
            ))}
          </ul>
        )}
      </div>
      {choice && (
        <div className={styles.confirm} role="region" aria-label={t('phone.yourChoice')}>
          <p>
            <b>{`${format.dayShort(choice.starts_at)}${choice.kind === 'token' ? `, ${t('phone.session')}` : `, ${format.time(choice.starts_at)}`}`}</b>
            <span>{t('phone.payAtDesk', { name: nameOf(choice.found), fee: format.rupees(choice.found.practitioner.consultation_fee_paise) })}</span>
          </p>
          <Button size="xl" fullWidth loading={book.isPending || move.isPending} onClick={() => void confirm()}>
            {t(moving ? 'phone.confirmMove' : 'phone.confirm')}
          </Button>
        </div>
      )}
    </>
  )
}

const nameOf = ({ practitioner }: Found) => `${practitioner.title} ${practitioner.name}`.trim()

function FoundDoctor({ found, choice, onChoose }: { found: Found; choice: Choice | null; onChoose: (choice: Choice) => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const { practitioner, next, facility_name, facility_id } = found
  const [day, setDay] = useState<string | null>(null)
  const firstDay = next[0] && format.dayOf(next[0].starts_at)
  const shown = day ?? firstDay
  const bounds = shown ? boundsOf(shown, format.timeZone) : { from: '', to: '' }
  const slots = $api.useQuery('get', '/api/slots', { params: { query: { practitioner_id: practitioner.id, facility_id, from: bounds.from, to: bounds.to } } }, { enabled: day !== null })
  const times = day === null ? next.map(({ starts_at, kind }) => ({ starts_at, kind })) : (slots.data?.items ?? []).filter(({ status }) => status === 'free')
  const years = practitioner.practising_since ? new Date().getFullYear() - practitioner.practising_since : 0
  return (
    <li>
      <div className={styles.doctor}>
        <span>
          <b>{nameOf(found)}</b>
          <span className="dim">{[practitioner.specialty, years > 0 && t('phone.years', { count: years }), facility_name].filter(Boolean).join(', ')}</span>
        </span>
        <span className="num">{format.rupees(practitioner.consultation_fee_paise)}</span>
      </div>
      {shown ? (
        <>
          <p className={styles.day}>
            {format.bareDay(shown, 'short')}
            {day !== null && (
              <button type="button" onClick={() => setDay(addDays(shown, 1))}>
                {t('phone.dayAfter')}
              </button>
            )}
          </p>
          <div className={styles.chips}>
            {times.map(({ starts_at, kind }) => {
              const isChosen = choice?.starts_at === starts_at && choice.found.practitioner.id === practitioner.id && choice.found.facility_id === facility_id
              return (
                <button key={starts_at} type="button" className={styles.chip} aria-pressed={isChosen} onClick={() => onChoose({ found, starts_at, kind })}>
                  {isChosen && <Check size={15} aria-hidden />}
                  <span className="num">{format.time(starts_at)}</span>
                </button>
              )
            })}
            {day === null && (
              <button type="button" className={`${styles.chip} ${styles.moreTimes}`} aria-label={t('phone.moreOf', { name: nameOf(found) })} onClick={() => setDay(firstDay ?? format.today())}>
                {t('phone.more')}
              </button>
            )}
            {day !== null && slots.data && times.length === 0 && <span className="dim2">{t('phone.dayFull')}</span>}
          </div>
        </>
      ) : (
        <p className={styles.day}>{t('phone.nothingFree')}</p>
      )}
    </li>
  )
}
