import { useTranslation } from 'react-i18next'
import { FamilySwitcher, useActingFor } from '~/features/patients'
import { isOpen, VisitList } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useMe } from '~/lib/session'
import { EmptyState } from '~/ui/EmptyState'
import { ErrorState } from '~/ui/ErrorState'
import { PhonePage, PhoneSection, PhoneSkeleton } from '~/ui/PhonePage'
import { Link } from '../router'

/** All my visits and those of my family: to come, then before. */
export default function Visits() {
  const { t } = useTranslation('patient')
  const { patients } = useMe()
  const acting = useActingFor(patients)
  const list = $api.useQuery('get', '/api/appointments', { params: { query: { limit: 200, newest_first: true } } })
  const all = list.data?.items.filter(({ patient_id }) => acting.some(({ id }) => id === patient_id))
  const parts = [
    ['coming', all?.filter(isOpen).reverse()],
    ['past', all?.filter((visit) => !isOpen(visit))],
  ] as const
  return (
    <PhonePage title={t('visits.title')}>
      <FamilySwitcher />
      {list.error && !all && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PhoneSkeleton rows={5} carded />}
      {all?.length === 0 && <EmptyState title={t('visits.none')} why={t('visits.noneWhy')} />}
      {parts.map(
        ([word, visits]) =>
          visits &&
          visits.length > 0 && (
            <PhoneSection key={word} title={t(`visits.${word}`)}>
              <VisitList visits={visits} named={acting.length > 1} link={(visit, children, className) => <Link to={`/visits/${visit.id}`} className={className}>{children}</Link>} />
            </PhoneSection>
          ),
      )}
    </PhonePage>
  )
}
