import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { addDays } from '~/lib/zone'
import { Notice } from '~/ui/Notice'
import styles from './Waitlist.module.css'

const parts = ['any', 'morning', 'afternoon', 'evening'] as const
const spans = [1, 7, 14] as const

type Props = {
  patientId: string
  practitionerId: string
  facilityId: string
  /** The first day that would do. */
  day: string
  reason?: string
  size?: 'sm' | 'lg'
  onJoined?: (place: number | null) => void
}

/** Nothing is free: wait for a place on this day or the days after. */
export function WaitFor({ patientId, practitionerId, facilityId, day, reason, size = 'sm', onJoined }: Props) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [span, setSpan] = useState('1')
  const [part, setPart] = useState<(typeof parts)[number]>('any')
  const join = $api.useMutation('post', '/api/waitlist')
  const send = () =>
    idempotent((headers) =>
      join.mutateAsync({
        body: { patient_id: patientId, practitioner_id: practitionerId, facility_id: facilityId, first_day: day, last_day: addDays(day, Number(span) - 1), part_of_day: part, reason: reason?.trim() || null },
        headers,
      }),
    ).then(({ place }) => onJoined?.(place), () => undefined)

  if (join.data)
    return (
      <p role="status" className={styles.joined}>
        <b>{t('waitlist.joined', { place: join.data.place })}</b> <span className="dim2">{t('waitlist.joinedWhy')}</span>
      </p>
    )
  return (
    <div className={styles.wait} role="group" aria-label={t('waitlist.join')}>
      <div className={styles.wishes}>
        <NativeSelect size={size} label={t('waitlist.days')} value={span} onChange={({ target }) => setSpan(target.value)} data={spans.map((count) => ({ value: `${count}`, label: t('waitlist.span', { count }) }))} />
        <NativeSelect size={size} label={t('waitlist.part')} value={part} onChange={({ target }) => setPart(target.value as typeof part)} data={parts.map((value) => ({ value, label: t(`waitlist.parts.${value}`) }))} />
      </div>
      {join.error != null && <Notice urgent title={problemText(join.error)} />}
      <Button variant="default" size={size} loading={join.isPending} onClick={() => void send()}>{t('waitlist.join')}</Button>
    </div>
  )
}
