import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { PanelFoot } from '~/ui'

/** The till in one line, and how many visits the list leaves out. */
export function CollectedToday({ facilityId, hidden }: { facilityId: string; hidden: number }) {
  const { t } = useTranslation('scheduling')
  const { rupees } = useFormats()
  const till = $api.useQuery('get', '/api/receipts', { params: { query: { facility_id: facilityId, limit: 1 } } }, { enabled: can('receipt.read') })
  if (!till.data && hidden <= 0) return null
  return (
    <PanelFoot>
      <span className="num dim2">
        {till.data && t('desk.collected', { total: rupees(till.data.total_paise), cash: rupees(till.data.cash_paise), upi: rupees(till.data.upi_paise), count: till.data.total })}
        {hidden > 0 && ` · ${t('desk.leftOut', { count: hidden })}`}
      </span>
    </PanelFoot>
  )
}
