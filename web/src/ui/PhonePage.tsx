import { ActionIcon } from '@mantine/core'
import { ChevronLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useDelayed } from '~/lib/useDelayed'
import styles from './PhonePage.module.css'

type Props = {
  title: string
  /** Goes back where the page was reached from another. */
  onBack?: () => void
  right?: ReactNode
  /** Stays above the tabs while the rest scrolls: the one next step. */
  foot?: ReactNode
  children: ReactNode
}

/** A page of the patient's phone: its title, what scrolls, and perhaps a foot with the next step. */
export function PhonePage({ title, onBack, right, foot, children }: Props) {
  const { t } = useTranslation('ui')
  return (
    <>
      <title>{`${title} · Arogya`}</title>
      <header className={styles.top}>
        {onBack && (
          <ActionIcon className={styles.back} aria-label={t('phone.back')} onClick={onBack}>
            <ChevronLeft size={24} />
          </ActionIcon>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        {right && <div className={styles.right}>{right}</div>}
      </header>
      <main className={styles.main}>{children}</main>
      {foot && <div className={styles.foot}>{foot}</div>}
    </>
  )
}

/** A block of a phone page with its small grey heading. */
export const PhoneSection = ({ title, children }: { title?: string; children: ReactNode }) => (
  <section className={styles.section} aria-label={title}>
    {title && <h2>{title}</h2>}
    {children}
  </section>
)

/** A rounded, ruled block; `accent` marks the one that matters today. */
export const Card = ({ accent = false, padded = false, children }: { accent?: boolean; padded?: boolean; children: ReactNode }) => (
  <div className={styles.card} data-accent={accent || undefined} data-padded={padded || undefined}>
    {children}
  </div>
)

/** Rows that are still on their way, after the 200 ms in which most come. */
export function PhoneSkeleton({ rows, carded = false }: { rows: number; carded?: boolean }) {
  const isLate = useDelayed(true)
  if (!isLate) return null
  const bars = Array.from({ length: rows }, (_, at) => (
    <div key={at} className={styles.waiting} aria-hidden>
      <i />
      <i />
    </div>
  ))
  return carded ? <Card>{bars}</Card> : bars
}
