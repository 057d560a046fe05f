import { Link, useParams } from '@tanstack/react-router'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { ArrowLeft } from 'lucide-react'
import { Counters, Displays, Roles, SignInRules, Users } from '~/features/identity'
import { Departments, Facilities, Rooms, TheHospital } from '~/features/organizations'
import { BookingRules, Leave, Schedules } from '~/features/scheduling'
import { Practitioners, Services, StaffMembers } from '~/features/staff'
import { can } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { Page, Panel } from '~/ui'
import { Coming } from '~/ui/Coming'
import type { DirectoryPlace, DirectoryProps } from '~/ui/directory'
import { NoSuchPage } from '../../pages'
import styles from './Setup.module.css'

/** The areas in the order that a new hospital fills them, each with what one needs to look at it. */
const areas = [
  { name: 'facilities', needs: 'organization.manage', show: (place: DirectoryProps) => <Facilities {...place} /> },
  { name: 'departments', needs: 'organization.manage', show: (place: DirectoryProps) => <Departments {...place} /> },
  { name: 'rooms', needs: 'organization.manage', show: (place: DirectoryProps) => <Rooms {...place} /> },
  { name: 'doctors', needs: 'practitioner.manage', show: (place: DirectoryProps) => <Practitioners {...place} /> },
  { name: 'services', needs: 'practitioner.manage', show: (place: DirectoryProps) => <Services {...place} /> },
  { name: 'schedules', needs: 'schedule.manage', show: (place: DirectoryProps) => <Schedules {...place} /> },
  { name: 'leave', needs: 'schedule.manage', show: (place: DirectoryProps) => <Leave {...place} /> },
  { name: 'staff', needs: 'staff.manage', show: (place: DirectoryProps) => <StaffMembers {...place} /> },
  { name: 'users', needs: 'user.manage', show: (place: DirectoryProps) => <Users {...place} /> },
  { name: 'roles', needs: 'user.manage', show: (place: DirectoryProps) => <Roles {...place} /> },
  { name: 'counters', needs: 'user.manage', show: (place: DirectoryProps) => <Counters {...place} /> },
  { name: 'displays', needs: 'display.manage', show: (place: DirectoryProps) => <Displays {...place} /> },
  { name: 'rules', needs: 'organization.manage', show: () => <BookingRules /> },
  { name: 'signIn', needs: 'organization.manage', show: () => <SignInRules /> },
  { name: 'hospital', needs: 'organization.manage', show: () => <div className={styles.narrow}><TheHospital /></div> },
] as const

/** What a hospital is made of, area by area. */
export default function Setup() {
  const { t } = useTranslation('staff')
  const { area: asked } = useParams({ strict: false }) as { area?: string }
  const mine = areas.filter(({ needs }) => can(needs))
  const area = asked === undefined ? mine[0] : mine.find(({ name }) => name === asked)
  if (!area) return <NoSuchPage />
  return (
    <Page label={`${t('nav.setup')}: ${t(`setup.${area.name}`)}`}>
      <div className={styles.columns} data-asked={asked !== undefined || undefined}>
        <Panel title={t('nav.setup')} className={styles.areas}>
          <nav aria-label={t('nav.setup')}>
            {mine.map(({ name }) => (
              <Link key={name} to={`/setup/${name}` as string} className={styles.area} aria-current={name === area.name ? 'page' : undefined}>
                {t(`setup.${name}`)}
              </Link>
            ))}
          </nav>
        </Panel>
        <div className={styles.content}>
          <Link to={'/setup' as string} className={styles.back}>
            <ArrowLeft size={16} aria-hidden />
            {t('setup.all')}
          </Link>
          <Suspense fallback={<Coming />}>
            <Area key={area.name} show={area.show} />
          </Suspense>
        </div>
      </div>
    </Page>
  )
}

function Area({ show }: { show: (place: DirectoryProps) => React.ReactNode }) {
  const [at, setAt] = useUrlState<DirectoryPlace>({ show: 'active', skip: 0, open: '' })
  return show({ at, onGo: (change) => void setAt(change) })
}
