import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'

/** "Every week, visit 2 of 4": of which series a visit is part. */
export function SeriesNote({ seriesId, visitId }: { seriesId: string; visitId: string }) {
  const { t } = useTranslation('scheduling')
  const { data } = $api.useQuery('get', '/api/appointment-series/{series_id}', { params: { path: { series_id: seriesId } } })
  if (!data) return null
  const still = data.appointments.filter(({ id, status }) => id === visitId || status !== 'cancelled')
  const nth = still.findIndex(({ id }) => id === visitId) + 1
  return <>{t('series.note', { how: t(`series.each.${data.unit}`, { count: data.every }), nth, of: still.length })}</>
}
