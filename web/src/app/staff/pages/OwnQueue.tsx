import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CallNext, insideOf, type Visit } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useMe } from '~/lib/session'
import styles from './Desk.module.css'

/** For a doctor at the desk: back to who is inside, else the call of who waits first. */
export function OwnQueue({ facilityId, onVisit }: { facilityId: string; onVisit: (visit: Visit) => void }) {
  const { t } = useTranslation('scheduling')
  const { practitioner_id } = useMe()
  const asked = { facility_id: facilityId, practitioner_id }
  const queue = $api.useQuery('get', '/api/queue', { params: { query: asked } }, { enabled: practitioner_id !== null })
  if (!practitioner_id || !queue.data) return null
  const inside = insideOf(queue.data.items)
  if (!inside) return <CallNext entries={queue.data.items} practitionerId={practitioner_id} facilityId={facilityId} onCalled={({ appointment }) => onVisit(appointment)} />
  return (
    <div className={styles.inside}>
      <Button variant="default" size="md" fullWidth onClick={() => onVisit(inside.appointment)}>
        {t('queue.backTo', { number: inside.number, name: inside.appointment.patient?.name })}
      </Button>
    </div>
  )
}
