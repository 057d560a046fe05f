import { useEffect, useId, useRef, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './Registration.module.css'

export const genders = ['female', 'male', 'other', 'unknown'] as const
export type Gender = (typeof genders)[number]

type Props = {
  value: Gender | ''
  error?: string
  onChange: (gender: Gender) => void
  /** A letter was typed: what Enter would do may be done at once. */
  onLetter?: (gender: Gender) => void
  /** The keyboard begins here. */
  hasFocus?: boolean
  'data-path'?: string
}

const letters: Record<string, Gender> = { f: 'female', m: 'male', o: 'other' }

/** One of four; F, M or O chooses while the focus is on it. */
export function GenderChoice({ value, error, onChange, onLetter, hasFocus, 'data-path': path }: Props) {
  const { t } = useTranslation('patients')
  const name = useId()
  const letter = (event: KeyboardEvent) => {
    const gender = letters[event.key.toLowerCase()]
    if (!gender || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    onChange(gender)
    onLetter?.(gender)
  }
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (hasFocus) first.current?.focus()
  }, [hasFocus])
  return (
    <fieldset className={styles.gender} aria-describedby={error ? `${name}-error` : undefined} data-error={error ? true : undefined} onKeyDown={letter}>
      <legend>{t('form.gender')}</legend>
      <div>
        {genders.map((gender, nth) => (
          <label key={gender}>
            <input
              ref={nth === 0 ? first : undefined} type="radio" name={name} checked={value === gender} data-path={nth === 0 ? path : undefined}
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
