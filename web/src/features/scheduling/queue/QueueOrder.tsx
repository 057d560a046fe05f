import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'

/** How appointments and walk-ins go in, as the hospital chose. */
export function QueueOrder() {
  const { t } = useTranslation('scheduling')
  const { data } = $api.useQuery('get', '/api/booking-rules')
  return data ? <span className="dim2">{t(`queue.order.${data.queue_order}`)}</span> : null
}
