import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PastVisits, PatientAccess, PatientDetails, PatientHead } from '~/features/patients'
import { ComingVisits } from '~/features/scheduling'
import { can } from '~/lib/session'
import { Page } from '~/ui'
import styles from './PatientPage.module.css'

/** One patient: who they are, what is before them, what was. */
export default function PatientPage() {
  const { t } = useTranslation('patients')
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  return (
    <Page label={t('head.label')}>
      <div className={styles.head}>
        <PatientHead patientId={id} />
      </div>
      <div className={styles.columns}>
        <div className={styles.details}>
          <PatientDetails key={id} patientId={id} />
          {can('patient.access') && <PatientAccess patientId={id} />}
        </div>
        {(can('appointment.read') || can('chart.open')) && (
          <div className={styles.visits}>
            {can('appointment.read') && <ComingVisits patientId={id} />}
            {can('chart.open') && <PastVisits patientId={id} />}
          </div>
        )}
      </div>
    </Page>
  )
}
