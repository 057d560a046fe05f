import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'

/** "Revisit free till 30 Nov", where it is so with the doctor of the last visit. */
export function RevisitNote({ patientId, practitionerId }: { patientId: string; practitionerId: string }) {
  const { t } = useTranslation('scheduling')
  const { bareDay } = useFormats()
  const fee = $api.useQuery('get', '/api/fees', { params: { query: { patient_id: patientId, practitioner_id: practitionerId } } })
  if (!fee.data?.is_free_revisit || !fee.data.revisit_free_until) return null
  return <>{t('desk.revisitTill', { day: bareDay(fee.data.revisit_free_until) })}</>
}
