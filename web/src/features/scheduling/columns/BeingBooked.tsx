import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import type { Slot } from './columnsDay'
import styles from './Columns.module.css'

/** A place that can't be had and may come free again: somebody is booking it just now, or another's patient has its room. */
export function BeingBooked({ slot, style }: { slot: Slot; style: React.CSSProperties }) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  return (
    <div className={styles.being} style={style}>
      <span>{t(slot.is_held_by_you ? 'columns.heldByYou' : slot.held > 0 ? 'columns.held' : 'columns.roomTaken')}</span>
      <span className="vh">{time(slot.starts_at)}</span>
    </div>
  )
}
