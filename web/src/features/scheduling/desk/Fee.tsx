import { Button, TextInput } from '@mantine/core'
import { useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui'
import styles from './desk.module.css'

type Props = { appointmentId: string; due: number; onPaid: (receipt: { id: string; number: string }) => void; takesFocus?: boolean }

/** The consultation fee, in cash or by UPI; a UPI payment is shown as a code to scan and carries its UTR. */
export function Fee({ appointmentId, due, onPaid, takesFocus = false }: Props) {
  const { t } = useTranslation('scheduling')
  const { rupees } = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [isUpi, setUpi] = useState(false)
  const [utr, setUtr] = useState('')
  const [refusal, setRefusal] = useState<unknown>(null)
  const pay = $api.useMutation('post', '/api/appointments/{appointment_id}/receipt')
  const utrField = useRef<HTMLInputElement>(null)
  const path = { appointment_id: appointmentId }
  const amount = rupees(due)

  const take = async (method: 'cash' | 'upi') => {
    setRefusal(null)
    try {
      const body = { method, utr: method === 'upi' ? utr.trim() || null : null }
      onPaid(await idempotent((headers) => pay.mutateAsync({ params: { path }, body, headers })))
    } catch (error) {
      setRefusal(error)
      utrField.current?.focus()
    }
  }
  const byUpi = (event: FormEvent) => {
    event.preventDefault()
    void take('upi')
  }
  return (
    <section className={styles.feeBox} aria-label={t('desk.feeDue', { amount })}>
      {isUpi ? (
        <form onSubmit={byUpi} className={styles.feeBox}>
          <UpiCode appointmentId={appointmentId} amount={amount} />
          <TextInput ref={utrField} autoFocus label={t('desk.utr')} inputMode="numeric" autoComplete="off" value={utr} onChange={({ target }) => setUtr(target.value)} />
          <div className={styles.row}>
            <Button variant="default" onClick={() => setUpi(false)}>{t('desk.notUpi')}</Button>
            <Button type="submit" flex={1} loading={pay.isPending}>{t('desk.gotUpi', { amount })}</Button>
          </div>
        </form>
      ) : (
        <div className={styles.row}>
          <Button flex={1} size="md" autoFocus={takesFocus} loading={pay.isPending} onClick={() => void take('cash')}>{t('desk.takeCash', { amount })}</Button>
          <Button variant="default" size="md" onClick={() => setUpi(true)}>UPI</Button>
        </div>
      )}
      {refusal !== null && <Notice urgent title={problemText(refusal)} />}
    </section>
  )
}

function UpiCode({ appointmentId, amount }: { appointmentId: string; amount: string }) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const link = $api.useQuery('get', '/api/appointments/{appointment_id}/upi', { params: { path: { appointment_id: appointmentId } } })
  if (link.error) return <Notice tone="neutral">{problemText(link.error)}</Notice>
  if (!link.data) return null
  return <img className={styles.qr} alt={t('desk.qr', { amount })} src={`data:image/svg+xml;utf8,${encodeURIComponent(link.data.qr_svg)}`} />
}
