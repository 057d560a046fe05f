import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PastVisits, PatientDetails, PatientHead } from '~/features/patients'
import { can } from '~/lib/session'
import { Page } from '~/ui'

export default function PatientPage() {
  const { t } = useTranslation('patients')
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  return (
    <Page label={t('head.label')}>
      <PatientHead patientId={id} />
      <PatientDetails key={id} patientId={id} />
      {can('chart.open') && <PastVisits patientId={id} />}
    </Page>
  )
}
