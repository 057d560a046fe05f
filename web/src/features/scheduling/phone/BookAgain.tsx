import { RotateCcw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { Card } from '~/ui/PhonePage'
import { useTimeWords } from './FoundDoctor'
import styles from './Phone.module.css'
import type { Visit } from './visits'

type Props = {
  last: Visit
  from: string
  /** Named where one books for several people. */
  forWhom?: string
  onBooked: (visitId: string) => void
}

/** The same doctor's first free place, in one tap. */
export function BookAgain({ last, from, forWhom, onBooked }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const timeWords = useTimeWords()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const openings = $api.useQuery('get', '/api/availability', { params: { query: { from, days: 14, facility_id: last.facility_id } } })
  const book = $api.useMutation('post', '/api/appointments')
  const again = openings.data?.items.find(({ practitioner }) => practitioner.id === last.practitioner_id)
  const first = again?.next[0]
  if (!again || !first) return null
  const press = async () => {
    const made = await idempotent((headers) =>
      book.mutateAsync({ body: { patient_id: last.patient_id, practitioner_id: last.practitioner_id, facility_id: again.facility_id, starts_at: first.starts_at }, headers }),
    ).catch(() => null)
    if (!made) return void openings.refetch()
    onBooked(made.id)
  }
  return (
    <Card>
      <button type="button" className={styles.again} disabled={book.isPending} onClick={() => void press()}>
        <RotateCcw size={20} strokeWidth={1.75} aria-hidden />
        <span>
          <b>{last.practitioner_name}</b>
          <span className="dim2">{[`${format.day(first.starts_at)}, ${timeWords(first)}`, forWhom].filter(Boolean).join(' · ')}</span>
        </span>
        <strong>{t('phone.book')}</strong>
      </button>
      {book.error != null && <Notice urgent title={problemText(book.error)} />}
    </Card>
  )
}
