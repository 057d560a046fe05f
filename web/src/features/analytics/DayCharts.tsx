import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { ChartPanel, DataTable, EmptyState, Panel } from '~/ui'
import styles from './DayCharts.module.css'
import type { Stats } from './queries'

/** Arrivals by hour, wait by doctor, money by day: each beside its usual. */
export function DayCharts({ stats }: { stats: Stats }) {
  const { t } = useTranslation('analytics')
  const format = useFormats()
  const hours = stats.arrivals_by_hour.map(({ hour, today, usual }) => ({ hour: String(hour).padStart(2, '0'), today, usual }))
  const waits = stats.wait_by_doctor.map(({ name, today, usual }) => ({ name: name.split(' ').at(-1) ?? name, today, usual }))
  const series = [
    { name: 'today', label: t('today'), tone: 'main' },
    { name: 'usual', label: t('usual'), tone: 'usual' },
  ] as const
  return (
    <>
      <div className={styles.two}>
        <ChartPanel title={t('arrivals')} kind="line" points={hours} along="hour" alongLabel={t('hour')} series={series} />
        <ChartPanel title={t('waits')} kind="bars" points={waits} along="name" alongLabel={t('doctor')} series={series} />
      </div>
      {stats.collected_by_day && (
        <Panel title={t('collected')}>
          <DataTable
            label={t('collected')}
            list={{ data: { items: stats.collected_by_day } }}
            idOf={({ day }) => day}
            empty={<EmptyState title={t('noMoney')} />}
            columns={[
              { id: 'day', head: t('day'), cell: ({ day }) => format.bareDay(day, 'short') },
              { id: 'cash', head: t('cash'), align: 'end', cell: ({ cash_paise }) => <span className="num">{format.rupees(cash_paise)}</span> },
              { id: 'upi', head: 'UPI', align: 'end', cell: ({ upi_paise }) => <span className="num">{format.rupees(upi_paise)}</span> },
              { id: 'total', head: t('total'), align: 'end', cell: ({ total_paise }) => <b className="num">{format.rupees(total_paise)}</b> },
            ]}
          />
        </Panel>
      )}
    </>
  )
}
