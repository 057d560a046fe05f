import { RotateCcw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { Card } from '~/ui/PhonePage'
import { toast } from '~/ui/toast'
import styles from './Phone.module.css'
import type { Visit } from './visits'

/** The same doctor's first free place, in one tap. */
export function BookAgain({ last, from, onBooked }: { last: Visit; from: string; onBooked: (visitId: string) => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
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
    if (!made) return
    toast({ title: t(made.status === 'pending' ? 'phone.asked' : 'phone.booked'), detail: format.near(made.starts_at) })
    onBooked(made.id)
  }
  return (
    <Card>
      <button type="button" className={styles.again} disabled={book.isPending} onClick={() => void press()}>
        <RotateCcw size={20} strokeWidth={1.75} aria-hidden />
        <span>
          <b>{last.practitioner_name}</b>
          <span className="dim2">{first.kind === 'token' ? format.dayShort(first.starts_at) : format.near(first.starts_at)}</span>
        </span>
        <strong>{t('phone.book')}</strong>
      </button>
      {book.error != null && <Notice title={problemText(book.error)} />}
    </Card>
  )
}
