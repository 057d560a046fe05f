import { ActionIcon, Button } from '@mantine/core'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import { addDays } from '~/lib/zone'
import styles from './DateNav.module.css'

/** Day before, today, day after, or any day. Days are "2026-11-23". Keys: [ T ]. */
export function DateNav({ day, today, onChange }: { day: string; today: string; onChange: (day: string) => void }) {
  const { t } = useTranslation('ui')
  const picker = useRef<HTMLInputElement>(null)
  const go = (to: string) => () => onChange(to)
  useKeys({ dayBefore: go(addDays(day, -1)), dayAfter: go(addDays(day, 1)), today: go(today) })
  return (
    <div className={styles.nav}>
      <ActionIcon variant="default" aria-label={t('date.before')} onClick={go(addDays(day, -1))}>
        <ChevronLeft size={16} />
      </ActionIcon>
      <Button variant="default" onClick={go(today)} aria-current={day === today ? 'date' : undefined}>
        {t('date.today')}
      </Button>
      <ActionIcon variant="default" aria-label={t('date.after')} onClick={go(addDays(day, 1))}>
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
