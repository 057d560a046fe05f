import { useId, type ReactNode } from 'react'
import styles from './SegmentedFilter.module.css'

export type Segment<Value extends string> = { value: Value; label: string; count?: number; icon?: ReactNode }

type Props<Value extends string> = { label: string; value: Value; onChange: (value: Value) => void; segments: readonly Segment<Value>[] }

/** One of a few: All 128, Waiting 21 … Keep its value in the address with useUrlState. */
export function SegmentedFilter<Value extends string>({ label, value, onChange, segments }: Props<Value>) {
  const name = useId()
  return (
    <div className={styles.segments} role="radiogroup" aria-label={label}>
      {segments.map((segment) => (
        <label key={segment.value}>
          <input type="radio" name={name} checked={segment.value === value} onChange={() => onChange(segment.value)} />
          {segment.icon}
          <span className="num">{segment.count === undefined ? segment.label : `${segment.label} ${segment.count}`}</span>
        </label>
      ))}
    </div>
  )
}
