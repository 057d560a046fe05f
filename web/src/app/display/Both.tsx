import i18next from 'i18next'
import styles from './Both.module.css'

/** A sentence in Hindi, then in English: the waiting room reads both. */
export function Both({ word, values }: { word: string; values?: Record<string, string | number> }) {
  return (
    <span className={styles.both}>
      {(['hi', 'en'] as const).map((lng) => (
        <span key={lng} lang={lng}>
          {i18next.t(`display:${word}`, { lng, ...values })}
        </span>
      ))}
    </span>
  )
}
