import { useTranslation } from 'react-i18next'
import { Finder } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ErrorState } from '~/ui/ErrorState'
import { PhonePage } from '~/ui/PhonePage'
import { goBack, navigate, useParams } from '../router'

/** The same visit at another time: the free places of its doctor. */
export default function MoveVisit() {
  const { t } = useTranslation('patient')
  const { patients } = useMe()
  const { dayShort, time } = useFormats()
  const id = useParams()['id'] ?? ''
  const { data: visit, error, refetch } = $api.useQuery('get', '/api/appointments/{appointment_id}', { params: { path: { appointment_id: id } } })
  return (
    <PhonePage title={t('visit.move')} onBack={() => goBack(`/visits/${id}`)}>
      {error && !visit && <ErrorState error={error} onRetry={() => void refetch()} />}
      {visit && <p className="dim2">{t('visit.now', { name: visit.practitioner_name, at: `${dayShort(visit.starts_at)}${visit.kind === 'token' ? '' : `, ${time(visit.starts_at)}`}` })}</p>}
      {visit && <Finder people={patients} moving={{ id, practitionerId: visit.practitioner_id, patientId: visit.patient_id }} onBooked={(moved) => navigate(`/visits/${moved}`, { replace: true })} />}
    </PhonePage>
  )
}
