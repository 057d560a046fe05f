import type { ReactNode } from 'react'
import { LanguageSwitch } from '~/ui/LanguageSwitch'
import { Mark } from '~/ui/Mark'
import styles from './Gate.module.css'

/** The page before anyone is in: one ruled block in the middle, the language under it. */
export function Gate({ title, note, wide = false, children }: { title: string; note?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <main className={styles.gate} data-wide={wide || undefined}>
      <div className={styles.block}>
        <header>
          <Mark size={32} />
          <h1>{title}</h1>
        </header>
        {note && <p className={styles.note}>{note}</p>}
        {children}
      </div>
      <LanguageSwitch full />
    </main>
  )
}
