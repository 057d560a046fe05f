import { useTranslation } from 'react-i18next'
import { useKeys, type KeyMeaning } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { Key } from '~/ui'
import styles from './Columns.module.css'
import type { Place } from './useMoving'

const caps: readonly KeyMeaning[] = ['first', 'second', 'third']

type Props = { places: readonly Place[] | undefined; day: string; onTake: (place: Place) => void; inDialog?: boolean }

/** Three free places, one key each. The doctor's last name is enough beside the columns; another day is said. */
export function Offers({ places, day, onTake, inDialog = false }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const take = (nth: number) => places?.[nth] && (() => onTake(places[nth] as Place))
  useKeys({ first: take(0), second: take(1), third: take(2) }, { inDialog })
  const when = ({ starts_at }: Place) => (format.dayOf(starts_at) === day ? format.time(starts_at) : format.near(starts_at))
  if (places?.length === 0) return <span className="dim2">{t('columns.noOffer')}</span>
  return (
    <>
      {places?.slice(0, 3).map((place, nth) => (
        <button key={`${place.practitioner_id}${place.starts_at}`} type="button" className={styles.offer} onClick={() => onTake(place)}>
          <Key of={caps[nth]} /> <span className="num">{t('columns.offer', { name: place.practitioner_name.split(' ').at(-1), time: when(place) })}</span>
        </button>
      ))}
    </>
  )
}
