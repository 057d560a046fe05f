import { ActionIcon } from '@mantine/core'
import { ChevronRight, Hourglass, Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Bell } from '~/features/notifications'
import { FamilySwitcher, useActingFor } from '~/features/patients'
import { BookAgain, lastKept, NextVisit, nextVisit, WaitlistOffers } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ErrorState } from '~/ui/ErrorState'
import { Card, PhonePage, PhoneSection, PhoneSkeleton } from '~/ui/PhonePage'
import { Link, navigate } from '../router'
import styles from './Home.module.css'

/** What comes next for me and mine, and the two commonest wishes: the same doctor again, or another. */
export default function Home() {
  const { t } = useTranslation('patient')
  const { user, patients } = useMe()
  const acting = useActingFor(patients)
  const { today } = useFormats()
  const visits = $api.useQuery('get', '/api/appointments', { params: { query: { limit: 50, newest_first: true } } })
  const waiting = $api.useQuery('get', '/api/waitlist').data?.items ?? []
  const items = (visits.data?.items ?? []).filter(({ patient_id }) => acting.some(({ id }) => id === patient_id))
  const next = nextVisit(items)
  const last = lastKept(items)
  const bell = can('notification.own') && <Bell large label={(count) => t('home.messages', { count })} link={(its) => <ActionIcon component={Link} to="/messages" {...its} />} />
  return (
    <PhonePage title={user.name ? t('home.hello', { name: user.name.split(' ')[0] }) : t('home.helloThere')} right={bell}>
      <FamilySwitcher />
      {visits.error && !visits.data && <ErrorState error={visits.error} onRetry={() => void visits.refetch()} />}
      {visits.isPending && <PhoneSkeleton rows={2} carded />}
      {waiting.some(({ offer }) => offer) && <WaitlistOffers entries={waiting.filter(({ offer }) => offer)} named={patients.length > 1} onBooked={(id) => navigate(`/visits/${id}`)} />}
      {next && <NextVisit visit={next} link={(children, className) => <Link to={`/visits/${next.id}`} className={className}>{children}</Link>} />}
      {last && (
        <PhoneSection title={t('home.again')}>
          <BookAgain last={last} from={today()} forWhom={acting.length > 1 ? last.patient?.name : undefined} onBooked={(id) => navigate(`/visits/${id}`)} />
        </PhoneSection>
      )}
      <PhoneSection title={t('home.forYou')}>
        <Card>
          <Link to="/book" className={styles.row}>
            <Search size={20} strokeWidth={1.75} aria-hidden />
            <b>{t('home.find')}</b>
            <ChevronRight size={20} aria-hidden />
          </Link>
          {waiting.length > 0 && (
            <Link to="/waiting" className={styles.row}>
              <Hourglass size={20} strokeWidth={1.75} aria-hidden />
              <b>{t('home.waiting', { count: waiting.length })}</b>
              <ChevronRight size={20} aria-hidden />
            </Link>
          )}
        </Card>
      </PhoneSection>
    </PhonePage>
  )
}
