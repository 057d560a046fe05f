import { useTranslation } from 'react-i18next'
import { VisitDetail } from '~/features/scheduling'
import { PhonePage } from '~/ui/PhonePage'
import { goBack, navigate, useParams } from '../router'

export default function Visit() {
  const { t } = useTranslation('patient')
  const id = useParams()['id'] ?? ''
  return (
    <PhonePage title={t('visit.title')} onBack={() => goBack('/visits')}>
      <VisitDetail visitId={id} onOtherTime={() => navigate(`/visits/${id}/move`)} />
    </PhonePage>
  )
}
