import { useTranslation } from 'react-i18next'
import { ageSex } from '~/lib/ageSex'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { medicoLegal } from '~/lib/medicoLegal'
import { Flag } from '~/ui/Flag'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf, type QueueEntry } from './queueOf'
import styles from './QueueList.module.css'

type Props = { label: string; entries: readonly QueueEntry[]; chosenId: string | null; onChoose: (entry: QueueEntry) => void }

/** One practitioner's queue in calling order: token, who, since when, state. J and K go down and up. */
export function QueueList({ label, entries, chosenId, onChoose }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const now = useNow()
  const at = entries.findIndex(({ token_id }) => token_id === chosenId)
  const step = (by: number) => {
    const entry = entries[Math.max(0, Math.min(entries.length - 1, at + by))]
    if (entry) onChoose(entry)
  }
  useKeys({ next: () => step(1), before: () => step(-1) })
  return (
    <ul className={styles.list} tabIndex={0} aria-label={label}>
      {entries.map((entry) => {
        const { patient, reason, kind } = entry.appointment
        const waits = entry.status === 'waiting' || entry.status === 'called'
        return (
          <li key={entry.token_id}>
            <button type="button" aria-current={entry.token_id === chosenId || undefined} onClick={() => onChoose(entry)}>
              <b className={`num ${styles.number}`}>{entry.number}</b>
              <span className={styles.who}>
                <span>
                  <b>{patient?.name}</b> <span className="dim2">{patient && ageSex(patient, t)}</span><Flag of={medicoLegal(patient, t)} />
                </span>
                <span className="dim2">{entry.is_priority ? t('queue.priority') : entry.status === 'skipped' ? t('queue.skipped') : reason || t(`kind.${kind}`)}</span>
              </span>
              {waits && <span className="num dim2">{format.since(entry.issued_at, now)}</span>}
              <AppointmentStatus state={stateOf({ ...entry.appointment, token: { ...entry.appointment.token!, status: entry.status } })} ringOnly />
            </button>
          </li>
        )
      })}
    </ul>
  )
}
