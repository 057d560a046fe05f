import { useTranslation } from 'react-i18next'
import { Notice } from '~/ui'
import { ageSex } from '~/lib/ageSex'
import type { PatientRow } from './queries'
import styles from './Registration.module.css'

/** Who may already be here. It warns and never blocks: families share names and phones. */
export function SimilarPatients({ items, onOpen }: { items: readonly PatientRow[]; onOpen: (patient: PatientRow) => void }) {
  const { t } = useTranslation('patients')
  if (items.length === 0) return null
  return (
    <Notice urgent title={t('similar.title')}>
      <ul className={styles.similar}>
        {items.slice(0, 4).map((patient) => (
          <li key={patient.id}>
            <span className="num">{[patient.name, ageSex(patient, t), patient.mrn].join(', ')}</span>{' '}
            <button type="button" onClick={() => onOpen(patient)} aria-label={t('similar.openWho', { name: patient.name, mrn: patient.mrn })}>
              {t('similar.open')}
            </button>
          </li>
        ))}
      </ul>
    </Notice>
  )
}
