import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DayCharts, Figures, NeedsSomeone, useStats } from '~/features/analytics'
import { useMe } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { ErrorState, Page } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import styles from './Overview.module.css'

const stepTo = { pending_bookings: '/desk', affected_by_leave: '/schedule', late_practitioner: '/queue' } as const

/** The front page: today's figures beside the usual ones, and what waits for somebody. */
export default function Overview() {
  const { t } = useTranslation('analytics')
  const { facilities, organization } = useMe()
  const [at, setAt] = useUrlState({ branch: facilities.length === 1 ? (facilities[0]?.id ?? '') : '' })
  const stats = useStats(at.branch)
  const where = facilities.find(({ id }) => id === at.branch)?.name ?? organization?.name ?? ''
  return (
    <Page
      title={t('title', { where })}
      note={t('comparedWith')}
      tools={<BranchFilter value={at.branch} onChange={(branch) => void setAt({ branch })} everywhere={t('everywhere')} />}
    >
      {stats.error && !stats.data ? (
        <ErrorState error={stats.error} onRetry={() => void stats.refetch()} />
      ) : (
        <div className={styles.scroll}>
          <Figures stats={stats.data} />
          <div className={styles.body}>
            <div className={styles.charts}>{stats.data && <DayCharts stats={stats.data} />}</div>
            <NeedsSomeone
              needs={stats.data?.needs_someone}
              step={({ kind }) => (
                <Button component={Link} to={stepTo[kind]} search={(kind === 'pending_bookings' ? { show: 'pending', ...(at.branch && { facility: at.branch }) } : {}) as never} variant="default">
                  {t(kind === 'pending_bookings' ? 'needs.confirm' : 'needs.see')}
                </Button>
              )}
            />
          </div>
        </div>
      )}
    </Page>
  )
}
