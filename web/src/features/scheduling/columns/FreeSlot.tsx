import { Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { Key } from '~/ui'
import type { Slot } from './columnsDay'
import styles from './Columns.module.css'
import { slotKey, type Hands } from './hands'

type Props = { practitionerId: string; slot: Slot; hands: Hands; style?: React.CSSProperties }

/** A free place: it shows itself under the mouse or the focus, and Enter books it (or puts down what is being moved). */
export function FreeSlot({ practitionerId, slot, hands, style }: Props) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const item = slotKey(slot)
  return (
    <button
      type="button"
      className={styles.free}
      style={style}
      data-item={item}
      data-at={Date.parse(slot.starts_at)}
      tabIndex={hands.tabIndexOf(practitionerId, item)}
      onFocus={() => hands.onFocus(practitionerId, item)}
      onClick={() => hands.onFree(practitionerId, slot)}
    >
      <Plus size={14} aria-hidden />
      <span className="num">{slot.kind === 'token' ? t('columns.freeTokens', { count: slot.free }) : t('columns.free', { time: time(slot.starts_at) })}</span>
      <span className={styles.enter} aria-hidden><Key of="choose" /></span>
    </button>
  )
}
