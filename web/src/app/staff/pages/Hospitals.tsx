import { useTranslation } from 'react-i18next'
import { Hospitals as HospitalList } from '~/features/identity'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'
import type { DirectoryPlace } from '~/ui/directory'

/** The hospitals of this platform. */
export default function Hospitals() {
  const { t } = useTranslation('staff')
  const [at, setAt] = useUrlState<DirectoryPlace>({ show: 'active', skip: 0, open: '' })
  return (
    <Page label={t('nav.hospitals')}>
      <HospitalList at={at} onGo={(change) => void setAt(change)} />
    </Page>
  )
}
