import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import type { Appointment, Slot } from './columnsDay'
import styles from './Columns.module.css'
import { FreeSlot } from './FreeSlot'
import type { Hands } from './hands'
import { boxOf, spanOf, type Scale } from './layout'
import { VisitBlock } from './VisitBlock'

const row_px = 27
const head_px = 26
const mostAbreast = 2

type Props = { session: Slot; visits: readonly Appointment[]; scale: Scale; hands: Hands; practitionerId: string; isFree: boolean }

/** A session by token has no clock times inside: its people stand in the order of their places. */
export function TokenSession({ session, visits, scale, hands, practitionerId, isFree }: Props) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const { top, height } = boxOf(scale, spanOf(session))
  const lines = visits.length + (isFree ? 1 : 0)
  const abreast = Math.min(mostAbreast, Math.max(1, Math.ceil((lines * row_px) / (height - head_px))))
  return (
    <div className={styles.session} style={{ top: top + 1, height: height - 3 }}>
      <p className="num">{t('columns.session', { from: time(session.starts_at), to: time(session.ends_at), taken: session.places - session.free, places: session.places })}</p>
      <div className={styles.lines} style={{ gridTemplateColumns: `repeat(${abreast}, minmax(0, 1fr))` }}>
        {[...visits].sort((one, other) => one.lane - other.lane).map((visit) => (
          <VisitBlock key={visit.id} visit={visit} hands={hands} isShort />
        ))}
        {isFree && <FreeSlot practitionerId={practitionerId} slot={session} hands={hands} />}
      </div>
    </div>
  )
}
