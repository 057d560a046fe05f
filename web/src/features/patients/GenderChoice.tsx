import { useId, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './Registration.module.css'

export const genders = ['female', 'male', 'other', 'unknown'] as const
export type Gender = (typeof genders)[number]

type Props = { value: Gender | ''; error?: string; onChange: (gender: Gender) => void; 'data-path'?: string }

const letters: Record<string, Gender> = { f: 'female', m: 'male', o: 'other' }

/** One of four; F, M or O chooses while the focus is on it. */
export function GenderChoice({ value, error, onChange, 'data-path': path }: Props) {
  const { t } = useTranslation('patients')
  const name = useId()
  const letter = (event: KeyboardEvent) => {
    const gender = letters[event.key.toLowerCase()]
    if (!gender || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    onChange(gender)
  }
  return (
    <fieldset className={styles.gender} aria-describedby={error ? `${name}-error` : undefined} data-error={error ? true : undefined} onKeyDown={letter}>
      <legend>{t('form.gender')}</legend>
      <div>
        {genders.map((gender, nth) => (
          <label key={gender}>
            <input
              type="radio" name={name} checked={value === gender} data-path={nth === 0 ? path : undefined}
              onChange={() => onChange(gender)}
            />
            <span>{t(`form.genders.${gender}`)}</span>
          </label>
        ))}
      </div>
      {error && <p id={`${name}-error`} className={styles.error}>{error}</p>}
    </fieldset>
  )
}
