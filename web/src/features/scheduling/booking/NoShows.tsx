import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { Notice } from '~/ui'

/** How often the patient did not come lately, where they ever did not. */
export function NoShows({ patientId }: { patientId: string }) {
  const { t } = useTranslation('scheduling')
  const { data } = $api.useQuery('get', '/api/no-shows', { params: { query: { patient_id: patientId } } })
  if (!data?.count) return null
  return <Notice title={t('desk.booking.noShows', { count: data.count, days: data.days })}>{data.needs_confirming && t('desk.booking.noShowsConfirm')}</Notice>
}
