import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { Dialog, EmptyState, ErrorState } from '~/ui'
import { LeaveRebooking } from './LeaveRebooking'

/** The doctor's present or next leave, found first: who is still booked inside gets another place. */
export function RebookInsideLeave({ practitionerId, onClose }: { practitionerId: string; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const { today } = useFormats()
  const list = $api.useQuery('get', '/api/schedule-exceptions', { params: { query: { practitioner_id: practitionerId, from: today(), limit: 20 } } })
  const next = list.data?.items.find(({ kind }) => kind === 'leave')
  if (next) return <LeaveRebooking leave={{ exception_id: next.id }} onDone={onClose} onClose={onClose} />
  if (!list.data && !list.error) return null
  return (
    <Dialog opened title={t('leave.title')} onClose={onClose} withCross>
      {list.error ? <ErrorState error={list.error} onRetry={() => void list.refetch()} /> : <EmptyState title={t('leave.nobody')} why={t('leave.noLeave')} />}
    </Dialog>
  )
}
