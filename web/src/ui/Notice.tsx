import { Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './Notice.module.css'

/** A warning that never blocks (amber), a danger to a person (red), or a plain remark. `urgent` is read out when it appears. */
export function Notice({ tone = 'attention', title, urgent, children }: { tone?: 'attention' | 'danger' | 'neutral'; title?: string; urgent?: boolean; children?: ReactNode }) {
  const Icon = tone === 'neutral' ? Info : TriangleAlert
  return (
    <div className={styles.notice} data-tone={tone} role={urgent ? 'alert' : undefined}>
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <div>
        {title && <b>{title}</b>}
        {children}
      </div>
    </div>
  )
}
