import { useTranslation } from 'react-i18next'
import { Finder } from '~/features/scheduling'
import { useMe } from '~/lib/session'
import { EmptyState } from '~/ui/EmptyState'
import { PhonePage } from '~/ui/PhonePage'
import { navigate } from '../router'

export default function Book() {
  const { t } = useTranslation('patient')
  const { patients } = useMe()
  return (
    <PhonePage title={t('book.title')}>
      {patients.length === 0 ? <EmptyState title={t('book.nobody')} why={t('book.nobodyWhy')} /> : <Finder people={patients} onBooked={(id) => navigate(`/visits/${id}`)} />}
    </PhonePage>
  )
}
