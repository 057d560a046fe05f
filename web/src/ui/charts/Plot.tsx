import '@mantine/charts/styles.layer.css'
import { BarChart, LineChart } from '@mantine/charts'
import styles from './ChartPanel.module.css'
import type { Point, Series } from './ChartPanel'

const colours = { main: 'var(--ar-accent)', usual: 'var(--ar-line-strong)', alert: 'var(--ar-attention)' }

type Props = { kind: 'line' | 'bars'; points: readonly Point[]; along: string; series: readonly Series[]; format: (value: number) => string }

/** As many as a panel can name; the table has them all. */
const mostBars = 7

/** Seven names stand beside each other; the table has them whole. */
const short = (name: string) => (name.length > 8 ? `${name.slice(0, 6)}…` : name)

/** The drawn part of a ChartPanel, in a file of its own so that it is fetched only when shown. Bars start at zero. */
export default function Plot({ kind, points, along, series, format }: Props) {
  const common = {
    className: styles.chart,
    data: points as Point[],
    dataKey: along,
    series: series.map(({ name, label, tone }) => ({ name, label, color: colours[tone], strokeDasharray: tone === 'usual' ? '4 3' : undefined })),
    valueFormatter: format,
    tickLine: 'none' as const,
    gridAxis: 'x' as const,
    xAxisProps: { tickMargin: 0, height: 26, padding: { left: 8, right: 8 }, ...(kind === 'bars' ? { interval: 0, tickFormatter: short } : { interval: 'preserveStartEnd' as const }) },
    yAxisProps: { width: 32, interval: 0, tickCount: 4, allowDecimals: false, domain: [0, 'auto'] as [number, 'auto'] },
  }
  return kind === 'line' ? <LineChart {...common} curveType="linear" withDots={false} strokeWidth={2} /> : <BarChart {...common} data={points.slice(0, mostBars) as Point[]} barProps={{ radius: 2 }} />
}
