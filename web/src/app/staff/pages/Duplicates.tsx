import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DuplicateList, type DuplicatesPlace } from '~/features/patients'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

/** The worklist of likely duplicates. */
export default function Duplicates() {
  const { t } = useTranslation('patients')
  const navigate = useNavigate()
  const [at, setAt] = useUrlState<DuplicatesPlace>({ show: 'open', skip: 0 })
  return (
    <Page label={t('duplicates.title')}>
      <DuplicateList
        at={at} onGo={(change) => void setAt(change)}
        onCompare={({ id, first, second }) => void navigate({ to: `/patients/${first.id}/merge/${second.id}`, search: { duplicate: id } as never } as never)}
      />
    </Page>
  )
}
