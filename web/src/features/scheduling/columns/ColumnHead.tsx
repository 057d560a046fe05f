import { ActionIcon } from '@mantine/core'
import { TriangleAlert, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import type { Load } from '../planner/load'
import { LoadMark } from '../planner/LoadMark'
import type { ColumnDay, DoctorToday } from './columnsDay'
import styles from './Columns.module.css'

/** From here on a delay is something to act on. */
const lateFrom_min = 30

type Props = { column: ColumnDay; today: DoctorToday | undefined; load: Load | undefined; onClose?: () => void }

/** Whose column it is and how full; today also the next free time, who waits and how late it runs. */
export function ColumnHead({ column: { doctor, slots }, today, load, onClose }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const free = slots?.find(({ status, free: left }) => status === 'free' && left > 0)?.starts_at
  const now = useNow()
  const room = slots?.find(({ room_name }) => room_name)?.room_name ?? today?.room ?? doctor.room
  const delay = today?.delay_minutes ?? 0
  return (
    <div className={styles.head}>
      <h2>
        <span>{doctor.name}</span>
        {onClose && (
          <ActionIcon size={22} aria-label={t('columns.close', { name: doctor.name })} onClick={onClose}>
            <X size={14} />
          </ActionIcon>
        )}
      </h2>
      <p>
        <span className={styles.where}>{[doctor.specialty, room && t('columns.room', { room })].filter(Boolean).join(', ') || ' '}</span>
        <LoadMark load={load} />
      </p>
      <p className="num">
        {slots && <span>{free ? <>{t('columns.nextFree')} <b>{Date.parse(free) <= now ? t('columns.freeNow') : format.time(free)}</b></> : t('columns.full')}</span>}
        {today && <span>{t('columns.waiting')} <b>{today.waiting}</b></span>}
        {delay >= lateFrom_min ? (
          <span className={`attention ${styles.late}`}><TriangleAlert size={13} aria-hidden /> {t('columns.delay', { count: delay })}</span>
        ) : (
          delay > 0 && <span>{t('columns.delay', { count: delay })}</span>
        )}
      </p>
    </div>
  )
}
