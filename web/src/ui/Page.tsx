import type { ReactNode } from 'react'
import styles from './Page.module.css'

type Props = { note?: ReactNode; tools?: ReactNode; children: ReactNode } & ({ title: string; label?: never } | { title?: never; label: string })

/** A staff page: a line of heading and tools, below it what scrolls. A page of panels only gives `label` instead of `title`. */
export function Page({ title, note, tools, label, children }: Props) {
  return (
    <div className={styles.page} data-headed={title ? true : undefined}>
      <title>{`${title ?? label} · Arogya`}</title>
      {title ? (
        <div className={styles.toolbar}>
          <h1>{title}</h1>
          {note && <span className={styles.note}>{note}</span>}
          {tools && <div className={styles.tools}>{tools}</div>}
        </div>
      ) : (
        <h1 className="vh">{label}</h1>
      )}
      <div className={styles.content}>{children}</div>
    </div>
  )
}
