import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './Field.module.css'

/** A label that says when a field may stay empty: <TextInput label={<Optional>{t('reason')}</Optional>} …> */
export function Optional({ children }: { children: ReactNode }) {
  const { t } = useTranslation('ui')
  return (
    <>
      {children} <span className={styles.optional}>{t('field.optional')}</span>
    </>
  )
}

/** Fields one under the other, at the guide's spacing. */
export const Fields = ({ children }: { children: ReactNode }) => <div className={styles.fields}>{children}</div>

/** Two or more short fields side by side; under each other on a phone. */
export const FieldRow = ({ children }: { children: ReactNode }) => <div className={styles.row}>{children}</div>

/** Words and what they are: <Facts items={[[t('token'), 18], …]} /> */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {items.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
