import type { ReactNode } from 'react'
import styles from './States.module.css'

/** Nothing here: says why, and offers one step. */
export function EmptyState({ title, why, step }: { title: string; why?: ReactNode; step?: ReactNode }) {
  return (
    <div className={styles.state}>
      <b>{title}</b>
      {why && <p>{why}</p>}
      {step}
    </div>
  )
}
