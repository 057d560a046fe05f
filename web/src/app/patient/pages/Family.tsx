import { useTranslation } from 'react-i18next'
import { ClaimRecord } from '~/features/patients'
import { useMe } from '~/lib/session'
import { PhonePage } from '~/ui/PhonePage'
import { goBack, navigate } from '../router'

/** The first step after the code, and later the way to a child's or a parent's record. */
export default function Family() {
  const { t } = useTranslation('own')
  const { patients } = useMe()
  return (
    <PhonePage title={t('claim.title')} onBack={patients.length > 0 ? () => goBack('/me') : undefined}>
      <ClaimRecord onClaimed={() => navigate('/home')} />
    </PhonePage>
  )
}
