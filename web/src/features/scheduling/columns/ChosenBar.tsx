import { useTranslation } from 'react-i18next'
import { ageSex } from '~/lib/ageSex'
import { useKeys } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { medicoLegal } from '~/lib/medicoLegal'
import { Flag, Key } from '~/ui'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf } from '../queue/queueOf'
import styles from './Columns.module.css'
import type { Appointment } from './columnsDay'

type Props = { visit: Appointment; onMove?: () => void; onOpen?: () => void; onClose: () => void }

/** Who is behind the chosen block, and what can be done with it. */
export function ChosenBar({ visit, onMove, onOpen, onClose }: Props) {
  const { t } = useTranslation('scheduling')
  const { time, phone } = useFormats()
  const { patient } = visit
  useKeys({ back: onClose, open: onOpen })
  return (
    <div className={styles.bar} role="region" aria-label={t('columns.chosen')}>
      <span>
        <b>{patient?.name}</b> <span className="dim2">{patient && ageSex(patient, t)}</span><Flag of={medicoLegal(patient, t)} />
      </span>
      <span className="num dim2">{patient?.mrn}</span>
      {patient?.phone && <span className="num dim2">{phone(patient.phone)}</span>}
      <span className="num">{visit.practitioner_name} {time(visit.starts_at)}</span>
      <AppointmentStatus state={stateOf(visit)} />
      {visit.reason && <span className={`dim2 ${styles.why}`}>{visit.reason}</span>}
      <div className={styles.offers}>
        {onMove && <button type="button" className={styles.offer} onClick={onMove}><Key of="move" /> {t('columns.move')}</button>}
        {onOpen && <button type="button" className={styles.offer} onClick={onOpen}><Key of="open" /> {t('columns.open')}</button>}
        <button type="button" className={styles.offer} onClick={onClose}><Key of="back" /> {t('columns.hide')}</button>
      </div>
    </div>
  )
}
