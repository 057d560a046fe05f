import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PatientList, type PatientsPlace } from '~/features/patients'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

export default function Patients() {
  const { t } = useTranslation('patients')
  const navigate = useNavigate()
  const [at, setAt] = useUrlState<PatientsPlace>({ gender: '', blood: '', show: 'active', skip: 0 })
  const open = (id: string) => void navigate({ to: `/patients/${id}` } as never)
  return (
    <Page label={t('list.title')}>
      <PatientList at={at} onGo={(change) => void setAt(change)} onOpen={open} onImport={() => void navigate({ to: '/patients/import' } as never)} />
    </Page>
  )
}
