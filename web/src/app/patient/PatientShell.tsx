import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { retryNow, useLive, useLiveConnection } from '~/lib/realtime'
import { can } from '~/lib/session'
import { Boundary } from '~/ui/Boundary'
import { ConnectionBanner } from '~/ui/ConnectionBanner'
import { Toasts } from '~/ui/Toasts'
import { isOpenTo } from '../pages'
import { patientPages } from './pages'
import { CurrentPage, Link, useHere } from './router'
import styles from './PatientShell.module.css'
import { patientTopics } from './topics'

/** The phone: a page and up to four tabs. On a wider screen it stays one column. */
export function PatientShell() {
  useLiveConnection(patientTopics, { enabled: can('live.listen') })
  const { t } = useTranslation('patient')
  const live = useLive()
  const here = useHere()
  const tabs = patientPages.filter((page) => page.nav && isOpenTo(page))
  return (
    <div className={styles.phone}>
      {live.state === 'offline' && <ConnectionBanner since={live.since} retryAt={live.retryAt} onRetry={retryNow} />}
      <div className={styles.page}>
        <Boundary resetOn={here}>
          <Suspense>
            <CurrentPage path={here} />
          </Suspense>
        </Boundary>
      </div>
      <nav className={styles.tabs} aria-label={t('tabs')}>
        {tabs.map(({ path, nav }) => {
          const Icon = nav?.icon
          const isHere = here === path || here.startsWith(`${path}/`)
          return (
            <Link key={path} to={path} aria-current={isHere ? 'page' : undefined}>
              {Icon && <Icon size={20} strokeWidth={1.75} aria-hidden />}
              <span>{t(`nav.${nav?.label}`)}</span>
            </Link>
          )
        })}
      </nav>
      <Toasts />
    </div>
  )
}
