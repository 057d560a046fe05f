import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient } from '~/lib/query'
import { retryNow, useLive, useLiveConnection, useLiveEvent } from '~/lib/realtime'
import { can, readMe, session } from '~/lib/session'
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
  useFreshRights()
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

/** What a guardian may see ends with a birthday, or at the desk: the server then closes the socket, and it opens anew. */
function useFreshRights() {
  const { state } = useLive()
  const wasLive = useRef(false)
  const again = async () => {
    const before = JSON.stringify(patientIds())
    await readMe().catch(() => undefined) // the next request says what is wrong
    if (JSON.stringify(patientIds()) !== before) await queryClient.invalidateQueries()
  }
  useEffect(() => {
    if (state !== 'live') return
    if (wasLive.current) void again()
    wasLive.current = true
  }, [state])
  useLiveEvent('PatientAccountsChanged', () => void again())
}

function patientIds() {
  const now = session()
  return now.status === 'signed-in' ? now.me.patients.map(({ id }) => id) : []
}
