import type { ReactNode } from 'react'
import styles from './Panel.module.css'

type Props = {
  title?: ReactNode
  /** Grey, after the title: a count, whose it is. */
  note?: ReactNode
  /** At the head's right end. */
  right?: ReactNode
  /** Its name for those who listen, where the title is not plain text or there is none. */
  label?: string
  className?: string
  children: ReactNode
}

/** A ruled block of the page: a line round it, never a shadow. */
export function Panel({ title, note, right, label, className = '', children }: Props) {
  return (
    <section className={`${styles.panel} ${className}`} aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      {title && (
        <div className={styles.head}>
          <h2>{title}</h2>
          {note && <span className={styles.note}>{note}</span>}
          {right && <div className={styles.right}>{right}</div>}
        </div>
      )}
      {children}
    </section>
  )
}

/** Text and fields inside a panel, at its inset. */
export const PanelBody = ({ children, className = '' }: { children: ReactNode; className?: string }) => (
  <div className={`${styles.body} ${className}`}>{children}</div>
)

/** The grey strip under a list: its keys, its paging. */
export const PanelFoot = ({ children }: { children: ReactNode }) => <div className={styles.foot}>{children}</div>
