import { useTranslation } from 'react-i18next'
import { WaitlistOffers } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useMe } from '~/lib/session'
import { EmptyState } from '~/ui/EmptyState'
import { ErrorState } from '~/ui/ErrorState'
import { PhonePage, PhoneSkeleton } from '~/ui/PhonePage'
import { goBack, navigate } from '../router'

/** Where the message about a held place leads: what I and mine wait for, and the answer to what is offered. */
export default function Waiting() {
  const { t } = useTranslation('patient')
  const { patients } = useMe()
  const list = $api.useQuery('get', '/api/waitlist')
  const items = list.data?.items
  return (
    <PhonePage title={t('waiting.title')} onBack={() => goBack('/home')}>
      {list.error && !items && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PhoneSkeleton rows={3} carded />}
      {items?.length === 0 && <EmptyState title={t('waiting.none')} why={t('waiting.noneWhy')} />}
      {items && items.length > 0 && <WaitlistOffers entries={items} named={patients.length > 1} onBooked={(id) => navigate(`/visits/${id}`)} />}
    </PhonePage>
  )
}
