import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartColumn, Table } from 'lucide-react'
import { DataTable, type Column } from '../DataTable'
import { Panel } from '../Panel'
import { SegmentedFilter } from '../SegmentedFilter'
import styles from './ChartPanel.module.css'

const Plot = lazy(() => import('./Plot'))

export type Point = Record<string, string | number | null>
export type Series = {
  /** The field of a point. */
  name: string
  label: string
  /** Today is petrol, the usual grey and dashed, over the limit amber. */
  tone: 'main' | 'usual' | 'alert'
}
type Props = {
  title: string
  note?: ReactNode
  kind: 'line' | 'bars'
  points: readonly Point[]
  /** The field along the bottom, and its head in the table. */
  along: string
  alongLabel: string
  series: readonly Series[]
  format?: (value: number) => string
  right?: ReactNode
  className?: string
}

/** A chart and the table of the same numbers, one press apart. The chart's code comes when it is first shown. */
export function ChartPanel({ title, note, right, className, ...plot }: Props) {
  const { t } = useTranslation('ui')
  const [view, setView] = useState<'chart' | 'table'>('chart')
  const { points, along, alongLabel, series, format = String } = plot
  const columns: Column<Point>[] = [
    { id: along, head: alongLabel, cell: (point) => point[along] },
    ...series.map(({ name, label }) => ({
      id: name,
      head: label,
      align: 'end' as const,
      cell: (point: Point) => (typeof point[name] === 'number' ? format(point[name]) : '–'),
    })),
  ]
  return (
    <Panel
      title={title}
      note={note}
      className={className}
      right={
        <>
          <SegmentedFilter
            label={t('chart.view')}
            value={view}
            onChange={setView}
            segments={[
              { value: 'chart', label: t('chart.chart'), icon: <ChartColumn aria-hidden /> },
              { value: 'table', label: t('chart.table'), icon: <Table aria-hidden /> },
            ]}
          />
          {right}
        </>
      }
    >
      {view === 'table' ? (
        <DataTable label={title} list={{ data: { items: points } }} columns={columns} idOf={(point) => String(point[along])} empty={null} />
      ) : (
        <div className={styles.plot}>
          <Legend series={series} />
          <Suspense fallback={<div className={styles.space} aria-busy="true" />}>
            <Plot {...plot} format={format} />
          </Suspense>
        </div>
      )}
    </Panel>
  )
}

function Legend({ series }: { series: readonly Series[] }) {
  return (
    <div className={styles.legend}>
      {series.map(({ name, label, tone }) => (
        <span key={name}>
          <i data-tone={tone} />
          {label}
        </span>
      ))}
    </div>
  )
}
