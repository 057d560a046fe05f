import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Key } from '~/ui'
import styles from './Columns.module.css'
import { Offers } from './Offers'
import { offeredBy, type Moving, type Place } from './useMoving'

type Props = { moving: Moving; offered: readonly Place[] | undefined; day: string; onDrop: (place: Place) => void; onPutBack: () => void }

/** What is in the hand, from where, to where; three places by key; Esc puts it back. A refused place says so here. */
export function MoveBar({ moving: { visit, over, refusal }, offered, day, onDrop, onPutBack }: Props) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const problemText = useProblemText()
  useKeys({ back: onPutBack })
  const from = { from: visit.practitioner_name, fromTime: time(visit.starts_at) }
  return (
    <div className={styles.bar} role="region" aria-label={t('columns.moving', { name: visit.patient?.name })}>
      <b>{t('columns.moving', { name: visit.patient?.name })}</b>
      {refusal != null ? (
        <span role="alert" className="attention">{offeredBy(refusal) ? t('columns.taken') : problemText(refusal)}</span>
      ) : (
        <span className="num dim2" role="status">
          {over ? t('columns.fromTo', { ...from, to: over.practitioner_name, toTime: time(over.starts_at) }) : t('columns.from', from)}
        </span>
      )}
      <div className={styles.offers}>
        <span className={`dim2 ${styles.byKey}`}>{t('columns.byKey')}</span>
        <Offers places={offered} day={day} onTake={onDrop} />
        <button type="button" className={styles.offer} onClick={onPutBack}>
          <Key of="back" /> {t('columns.putBack')}
        </button>
      </div>
    </div>
  )
}
