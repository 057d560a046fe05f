import { ActionIcon, Button } from '@mantine/core'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import { addDays } from '~/lib/wallTime'
import styles from './DateNav.module.css'

type Props = {
  day: string
  today: string
  onChange: (day: string) => void
  /** How many days one step is: seven where a week is shown. */
  step?: number
}

/** Day before, today, day after, or any day. Days are "2026-11-23". Keys: [ T ]. */
export function DateNav({ day, today, onChange, step = 1 }: Props) {
  const { t } = useTranslation('ui')
  const picker = useRef<HTMLInputElement>(null)
  const go = (to: string) => () => onChange(to)
  useKeys({ dayBefore: go(addDays(day, -step)), dayAfter: go(addDays(day, step)), today: go(today) })
  return (
    <div className={styles.nav}>
      <ActionIcon variant="default" aria-label={t(step === 7 ? 'date.weekBefore' : 'date.before')} onClick={go(addDays(day, -step))}>
        <ChevronLeft size={16} />
      </ActionIcon>
      <Button variant="default" onClick={go(today)} aria-current={day === today ? 'date' : undefined}>
        {t('date.today')}
      </Button>
      <ActionIcon variant="default" aria-label={t(step === 7 ? 'date.weekAfter' : 'date.after')} onClick={go(addDays(day, step))}>
        <ChevronRight size={16} />
      </ActionIcon>
      <span className={styles.pick}>
        <ActionIcon variant="default" aria-label={t('date.choose')} onClick={() => picker.current?.showPicker()}>
          <CalendarDays size={16} />
        </ActionIcon>
        <input ref={picker} type="date" value={day} tabIndex={-1} aria-hidden onChange={({ target }) => target.value && onChange(target.value)} />
      </span>
    </div>
  )
}
