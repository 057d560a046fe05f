import { Button, TextInput } from '@mantine/core'
import { useEffect, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { medicoLegal } from '~/lib/medicoLegal'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Dialog, Flag, Notice, Optional, toast } from '~/ui'
import { useHold } from '../booking/useHold'
import styles from './Columns.module.css'
import type { Appointment } from './columnsDay'
import { Offers } from './Offers'
import { offeredBy, type Place } from './useMoving'

export type Booker = { id: string; name: string; is_medico_legal?: boolean }

type Props = {
  place: Place
  day: string
  /** Finding the patient belongs to the page: it gives the box and the list. */
  findPatient: (onFound: (patient: Booker) => void) => ReactNode
  onBooked: (visit: Appointment) => void
  onClose: () => void
}

/** A free place becomes someone's: who, why, Enter. Who was faster is told kindly, with three other places. */
export function BookFree({ place, day, findPatient, onBooked, onClose }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [patient, setPatient] = useState<Booker | null>(null)
  const [reason, setReason] = useState('')
  const book = $api.useMutation('post', '/api/appointments')
  const { hold, isOver, keep, used } = useHold(null)
  const [keeping, setKeeping] = useState<unknown>(null)
  const { practitioner_id: who, facility_id: where, starts_at: when } = place
  useEffect(() => {
    keep({ practitioner_id: who, facility_id: where, starts_at: when }).catch(setKeeping)
  }, [keep, who, where, when])
  const at = t('columns.at', { doctor: place.practitioner_name, time: format.nearInside(place.starts_at) })

  const take = async ({ practitioner_id, facility_id, starts_at }: Place) => {
    if (!patient) return
    try {
      const visit = await idempotent((headers) =>
        book.mutateAsync({ body: { patient_id: patient.id, practitioner_id, facility_id, starts_at, reason: reason.trim() || null, hold_id: hold?.id }, headers }),
      )
      used()
      toast({ title: t('columns.booked', { name: patient.name }), detail: t('columns.at', { doctor: visit.practitioner_name, time: format.nearInside(visit.starts_at) }) })
      onBooked(visit)
    } catch {
      // shown from book.error, beside what was typed
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void take(place)
  }
  const offered = offeredBy(book.error)
  return (
    <Dialog opened title={t('columns.book', { at })} onClose={onClose} width={460} withCross>
      {hold && <p className="dim2" role="status">{isOver ? t('desk.booking.keptOver') : t('desk.booking.kept', { till: format.time(hold.expires_at) })}</p>}
      {keeping != null && <Notice title={problemText(keeping)} />}
      {patient ? (
        <form onSubmit={submit} className={styles.booking}>
          <p>
            <b>{patient.name}</b><Flag of={medicoLegal(patient, t)} />{' '}
            <button type="button" className={styles.other} onClick={() => setPatient(null)}>{t('columns.otherPatient')}</button>
          </p>
          <TextInput autoFocus label={<Optional>{t('columns.reason')}</Optional>} maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
          {book.error != null && (
            <Notice urgent title={offered ? t('columns.taken') : problemText(book.error)}>
              {offered && <div className={styles.offers}><Offers places={offered} day={day} onTake={(other) => void take(other)} inDialog /></div>}
            </Notice>
          )}
          <Button type="submit" size="md" loading={book.isPending}>{t('columns.bookFor', { name: patient.name, time: format.time(place.starts_at) })}</Button>
        </form>
      ) : (
        findPatient(setPatient)
      )}
    </Dialog>
  )
}
