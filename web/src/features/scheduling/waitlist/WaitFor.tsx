import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, useIdempotent } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { addDays } from '~/lib/wallTime'
import { Notice } from '~/ui/Notice'
import styles from './Waitlist.module.css'

const parts = ['any', 'morning', 'afternoon', 'evening'] as const
const spans = [1, 7, 14] as const

type Practitioner = Pick<components['schemas']['PractitionerRead'], 'id' | 'specialty' | 'department_id' | 'department_name' | 'department_name_hi'>
type Props = {
  patientId: string
  practitioner: Practitioner
  facilityId: string
  /** The first day that would do. */
  day: string
  reason?: string
  size?: 'sm' | 'lg'
  onJoined?: (place: number | null) => void
}

/** Nothing is free: wait for a place on this day or the days after, with this doctor or with any of the department or specialty. */
export function WaitFor({ patientId, practitioner, facilityId, day, reason, size = 'sm', onJoined }: Props) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [span, setSpan] = useState('1')
  const [part, setPart] = useState<(typeof parts)[number]>('any')
  const whoms = useWhoms(practitioner)
  const [whom, setWhom] = useState('doctor')
  const join = $api.useMutation('post', '/api/waitlist')
  const send = () =>
    idempotent((headers) =>
      join.mutateAsync({
        body: { patient_id: patientId, ...whoms.find(({ value }) => value === whom)?.wish, facility_id: facilityId, first_day: day, last_day: addDays(day, Number(span) - 1), part_of_day: part, reason: reason?.trim() || null },
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
      {whoms.length > 1 && <NativeSelect className={styles.whom} size={size} label={t('waitlist.with')} value={whom} onChange={({ target }) => setWhom(target.value)} data={whoms.map(({ value, label }) => ({ value, label }))} />}
      <div className={styles.wishes}>
        <NativeSelect size={size} label={t('waitlist.days')} value={span} onChange={({ target }) => setSpan(target.value)} data={spans.map((count) => ({ value: `${count}`, label: t('waitlist.span', { count }) }))} />
        <NativeSelect size={size} label={t('waitlist.part')} value={part} onChange={({ target }) => setPart(target.value as typeof part)} data={parts.map((value) => ({ value, label: t(`waitlist.parts.${value}`) }))} />
      </div>
      {join.error != null && <Notice urgent title={problemText(join.error)} />}
      <Button variant="default" size={size} loading={join.isPending} onClick={() => void send()}>{t('waitlist.join')}</Button>
    </div>
  )
}

/** Whom one can wait for in place of a doctor whose day is full. */
function useWhoms({ id, specialty, department_id, department_name, department_name_hi }: Practitioner) {
  const { t, i18n } = useTranslation('scheduling')
  const department = (i18n.language === 'hi' && department_name_hi) || department_name
  return [
    { value: 'doctor', label: t('waitlist.thisDoctor'), wish: { practitioner_id: id } },
    ...(department_id && department ? [{ value: 'department', label: t('waitlist.anyOf', { name: department }), wish: { department_id } }] : []),
    ...(specialty && specialty !== department_name ? [{ value: 'specialty', label: t('waitlist.anyOf', { name: specialty }), wish: { specialty } }] : []),
  ]
}
