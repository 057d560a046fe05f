import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { medicoLegal } from '~/lib/medicoLegal'
import { Flag, Ring } from '~/ui'
import { stateOf } from '../queue/queueOf'
import { appointmentLooks } from '../status'
import type { Appointment } from './columnsDay'
import styles from './Columns.module.css'
import type { Hands } from './hands'

type Props = { visit: Appointment; hands: Hands; style?: React.CSSProperties; isShort?: boolean }

/** One visit on the sheet: its ring, whose it is, its token. Enter shows more, a mouse may take it up. */
export function VisitBlock({ visit, hands, style, isShort = false }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const state = stateOf(visit)
  const isHeld = hands.heldId === visit.id
  const { ring, fill } = appointmentLooks[state]
  return (
    <button
      type="button"
      className={styles.visit}
      style={style}
      data-item={visit.id}
      data-at={Date.parse(visit.starts_at)}
      data-state={state}
      data-held={isHeld || undefined}
      data-short={isShort || undefined}
      data-movable={hands.mayMove(visit) || undefined}
      aria-pressed={hands.chosenId === visit.id}
      tabIndex={hands.tabIndexOf(visit.practitioner_id, visit.id)}
      onFocus={() => hands.onFocus(visit.practitioner_id, visit.id)}
      onClick={() => hands.onChoose(visit)}
      onPointerDown={(event) => hands.mayMove(visit) && hands.onPress(event, visit)}
    >
      {!isHeld && <Ring ring={ring} fill={fill} />}
      <span className={styles.name}><Flag of={medicoLegal(visit.patient, t)} bare />{visit.patient?.name}{isHeld && ` ${format.time(visit.starts_at)}`}</span>
      <span className="vh">{`, ${t(`status.${state}`)}, ${format.time(visit.starts_at)}`}</span>
      {visit.is_extra && <span className={styles.token} title={t('columns.extra')}><span aria-hidden>+</span><span className="vh">{t('columns.extra')}</span></span>}
      {visit.token && !isHeld && <span className={`num ${styles.token}`}>{visit.token.number}</span>}
    </button>
  )
}
