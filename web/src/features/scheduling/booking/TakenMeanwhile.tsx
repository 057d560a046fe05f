import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useKeys, type KeyMeaning } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { Key, PanelBody } from '~/ui'
import styles from './BookingForm.module.css'

export type Place = { practitioner_id: string; practitioner_name?: string; facility_id: string; starts_at: string }

const caps: readonly KeyMeaning[] = ['choose', 'second', 'third']

/** What was refused, and what is free instead. isRoom: the doctor is free, the room is not. */
export type Taken = { place: Place; next: Place[]; isRoom: boolean }
export const isTaken = (code: string) => code === 'slot_taken' || code === 'room_taken'

/** Someone was faster: what was taken, that nothing typed is lost, and the next three places, each one key away. */
export function TakenMeanwhile({ place: taken, next, isRoom, onTake }: Taken & { onTake: (place: Place) => void }) {
  const { t } = useTranslation('scheduling')
  const { near, time } = useFormats()
  const take = (nth: number) => next[nth] && (() => onTake(next[nth] as Place))
  useKeys({ first: take(0), choose: take(0), second: take(1), third: take(2) })
  return (
    <PanelBody>
      <p role="alert">
        <b>{t(isRoom ? 'desk.taken.room' : 'desk.taken.what', { time: time(taken.starts_at), name: taken.practitioner_name })}</b>
      </p>
      <p className="dim2">{t(next.length > 0 ? 'desk.taken.kept' : 'desk.taken.none')}</p>
      {next.slice(0, 3).map((place, nth) => (
        <Button
          key={`${place.practitioner_id}${place.starts_at}`} size="md" justify="space-between" autoFocus={nth === 0} className={styles.offer}
          variant={nth === 0 ? 'filled' : 'default'} onClick={() => onTake(place)} rightSection={<Key of={caps[nth]} />}
        >
          {near(place.starts_at)}, {place.practitioner_name}
        </Button>
      ))}
    </PanelBody>
  )
}
