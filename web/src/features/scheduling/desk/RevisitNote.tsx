import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'

/** "Revisit free till 30 Nov" (or for how much), where it is so with the doctor of the last visit. */
export function RevisitNote({ patientId, practitionerId }: { patientId: string; practitionerId: string }) {
  const { t } = useTranslation('scheduling')
  const { bareDay, rupees } = useFormats()
  const fee = $api.useQuery('get', '/api/fees', { params: { query: { patient_id: patientId, practitioner_id: practitionerId } } })
  if (!fee.data?.is_revisit || !fee.data.revisit_free_until) return null
  const day = bareDay(fee.data.revisit_free_until)
  return <>{fee.data.is_free_revisit ? t('desk.revisitTill', { day }) : t('desk.revisitFor', { day, fee: rupees(fee.data.fee_paise) })}</>
}
