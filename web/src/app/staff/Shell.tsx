import { Outlet, useLocation } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { retryNow, useLive, useLiveConnection } from '~/lib/realtime'
import { useIdleLock } from '~/features/identity'
import { can } from '~/lib/session'
import { Boundary, ConnectionBanner, KeyHelp, Toasts } from '~/ui'
import { Rail } from './Rail'
import styles from './Shell.module.css'
import { TopBar } from './TopBar'
import { SlotContext } from './slots'
import { staffTopics } from './topics'
import { useRightsKeptFresh } from './useRightsKeptFresh'

/** Rail, top bar, and the page. The page never scrolls as a whole; its lists do. */
export function Shell() {
  useLiveConnection(staffTopics, { enabled: can('live.listen') })
  useRightsKeptFresh()
  useIdleLock()
  const live = useLive()
  const { pathname } = useLocation()
  const [left, setLeft] = useState<HTMLElement | null>(null)
  const [right, setRight] = useState<HTMLElement | null>(null)
  return (
    <SlotContext value={{ left, right }}>
      <div className={styles.staff}>
        <Rail />
        <div className={styles.main}>
          <TopBar leftRef={setLeft} rightRef={setRight} />
          {live.state === 'offline' && <ConnectionBanner since={live.since} retryAt={live.retryAt} onRetry={retryNow} />}
          <main className={styles.page}>
            <Boundary resetOn={pathname}>
              <Suspense>
                <Outlet />
              </Suspense>
            </Boundary>
          </main>
        </div>
      </div>
      <KeyHelp />
      <Toasts />
    </SlotContext>
  )
}
