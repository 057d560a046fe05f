import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DayCharts, Figures, NeedsSomeone, useStats } from '~/features/analytics'
import { useMe } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { ErrorState, Page, SegmentedFilter } from '~/ui'
import styles from './Overview.module.css'

const stepTo = { pending_bookings: '/desk', affected_by_leave: '/schedule', late_practitioner: '/queue' } as const

/** The front page: today's figures beside the usual ones, and what waits for somebody. */
export default function Overview() {
  const { t } = useTranslation('analytics')
  const { facilities, organization } = useMe()
  const [at, setAt] = useUrlState({ branch: facilities.length === 1 ? (facilities[0]?.id ?? '') : '' })
  const stats = useStats(at.branch)
  const where = facilities.find(({ id }) => id === at.branch)?.name ?? organization?.name ?? ''
  const branches = [...facilities.map(({ id, name }) => ({ value: id, label: name.split(',').at(-1)?.trim() ?? name })), { value: '', label: t('everywhere') }]
  return (
    <Page
      title={t('title', { where })}
      note={t('comparedWith')}
      tools={facilities.length > 1 && <SegmentedFilter label={t('branch')} value={at.branch} onChange={(branch) => void setAt({ branch })} segments={branches} />}
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
                <Button component={Link} to={stepTo[kind]} variant="default">
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
