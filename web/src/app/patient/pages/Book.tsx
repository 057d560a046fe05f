import { useTranslation } from 'react-i18next'
import { FamilySwitcher, useActingFor } from '~/features/patients'
import { Finder } from '~/features/scheduling'
import { useMe } from '~/lib/session'
import { EmptyState } from '~/ui/EmptyState'
import { PhonePage } from '~/ui/PhonePage'
import { navigate } from '../router'

export default function Book() {
  const { t } = useTranslation('patient')
  const { patients } = useMe()
  const acting = useActingFor(patients)
  return (
    <PhonePage title={t('book.title')}>
      <FamilySwitcher />
      {patients.length === 0 ? <EmptyState title={t('book.nobody')} why={t('book.nobodyWhy')} /> : <Finder key={acting.map(({ id }) => id).join()} people={acting} onBooked={(id) => navigate(`/visits/${id}`)} />}
    </PhonePage>
  )
}
