type Props = {
  values: readonly number[]
  tone?: 'accent' | 'attention'
  width?: number
  height?: number
  /** A faint line at this value, such as the usual. */
  base?: number
  /** The least range that fills the height, so that a tremor does not look like a fall. */
  span?: number
}

/** The last few values as a line with its end marked. The number stands beside it; the line is for the eye only. */
export function Spark({ values, tone = 'accent', width = 64, height = 20, base, span = 0 }: Props) {
  if (values.length < 2) return null
  const least = Math.min(...values, base ?? Infinity)
  const most = Math.max(...values, base ?? -Infinity)
  const pad = Math.max(0, span - (most - least)) / 2
  const low = least - pad
  const range = most + pad - low || 1
  const y = (value: number) => height - 3 - ((value - low) / range) * (height - 6)
  const x = (index: number) => 2 + (index / (values.length - 1)) * (width - 6)
  const last = values.length - 1
  return (
    <svg width={width} height={height} aria-hidden="true" style={{ display: 'block' }}>
      {base !== undefined && <line x1="0" x2={width} y1={y(base)} y2={y(base)} stroke="var(--ar-line)" />}
      <polyline
        fill="none"
        stroke={tone === 'accent' ? 'var(--ar-ink-3)' : 'var(--ar-attention)'}
        strokeWidth="1.4"
        strokeLinejoin="round"
        points={values.map((value, index) => `${x(index)},${y(value)}`).join(' ')}
      />
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2.2" fill={`var(--ar-${tone})`} />
    </svg>
  )
}
