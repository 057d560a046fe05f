import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useKeys, type KeyMeaning } from '~/lib/keys'
import { medicoLegal } from '~/lib/medicoLegal'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { EmptyState, ErrorState, Flag, Key, Notice, Panel, PanelBody } from '~/ui'
import { isTaken, TakenMeanwhile, type Place, type Taken } from '../booking'
import styles from './desk.module.css'
import type { Visit } from './todaysVisits'

const caps: readonly KeyMeaning[] = ['first', 'second', 'third']

/** Three proposals under 1, 2 and 3; any other time is one step further. */
export function MoveVisit({ visit, onMoved, onOther, onClose }: { visit: Visit; onMoved: (visit: Visit) => void; onOther: () => void; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const { near, nearInside } = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [refusal, setRefusal] = useState<unknown>(null)
  const [taken, setTaken] = useState<Taken | null>(null)
  const path = { appointment_id: visit.id }
  const proposals = $api.useQuery('get', '/api/appointments/{appointment_id}/proposals', { params: { path } })
  const move = $api.useMutation('post', '/api/appointments/{appointment_id}/reschedule')
  const items = proposals.data?.items ?? []

  const take = async (place: Place) => {
    setRefusal(null)
    const { practitioner_id, facility_id, starts_at } = place
    try {
      onMoved(await idempotent((headers) => move.mutateAsync({ params: { path }, body: { practitioner_id, facility_id, starts_at }, headers })))
    } catch (error) {
      const { code, extra } = asProblem(error)
      if (isTaken(code) && Array.isArray(extra.next_free)) setTaken({ place, next: extra.next_free as Place[], isRoom: code === 'room_taken' })
      else setRefusal(error)
    }
  }
  const takeNth = (nth: number) => !taken && items[nth] && (() => void take(items[nth] as Place))
  useKeys({ first: takeNth(0), second: takeNth(1), third: takeNth(2), back: onClose })
  return (
    <Panel title={taken ? t('desk.taken.title') : t('desk.booking.move')} note={<>{visit.patient?.name}<Flag of={medicoLegal(visit.patient, t)} /></>} label={t('desk.booking.move')} className={styles.side}>
      {taken ? (
        <TakenMeanwhile {...taken} onTake={(place) => void take(place)} />
      ) : (
        <PanelBody>
          <p className="dim2">{t('desk.movingFrom', { at: nearInside(visit.starts_at), name: visit.practitioner_name })}</p>
          {proposals.error && <ErrorState error={proposals.error} onRetry={() => void proposals.refetch()} />}
          {proposals.data && items.length === 0 && <EmptyState title={t('desk.noProposals')} />}
          {items.map((place, nth) => (
            <Button key={`${place.practitioner_id}${place.starts_at}`} variant={nth === 0 ? 'filled' : 'default'} size="md" justify="space-between" loading={move.isPending} onClick={() => void take(place)} rightSection={<Key of={caps[nth]} />}>
              {near(place.starts_at)}, {place.practitioner_name}
            </Button>
          ))}
          {refusal !== null && <Notice urgent title={problemText(refusal)} />}
          <div className={styles.row}>
            <Button variant="default" onClick={onClose} rightSection={<Key of="back" />}>{t('desk.leave')}</Button>
            <Button variant="default" onClick={onOther}>{t('desk.otherTime')}</Button>
          </div>
        </PanelBody>
      )}
    </Panel>
  )
}
