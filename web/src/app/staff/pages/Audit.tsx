import { useTranslation } from 'react-i18next'
import { AuditTrail } from '~/features/audit'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

export default function Audit() {
  const { t } = useTranslation('audit')
  const { today } = useFormats()
  const [where, setWhere] = useUrlState({ day: today(), outcome: 'all', action: '', skip: 0 })
  return (
    <Page label={t('title')}>
      <AuditTrail where={where} onWhere={(change) => void setWhere(change)} />
    </Page>
  )
}
