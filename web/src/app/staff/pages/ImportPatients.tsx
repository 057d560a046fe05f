import { useTranslation } from 'react-i18next'
import { PatientImports, type ImportsPlace } from '~/features/patients'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

/** Another system's patients, taken in by the file. */
export default function ImportPatients() {
  const { t } = useTranslation('importing')
  const [at, setAt] = useUrlState<ImportsPlace>({ open: '', skip: 0 })
  return (
    <Page label={t('title')}>
      <PatientImports at={at} onGo={(change) => void setAt(change, 'push')} />
    </Page>
  )
}
