import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useKeys } from '~/lib/keys'
import { useProblemText } from '~/lib/useProblemText'
import { Key, Notice } from '~/ui'
import { insideOf, nextOf, type QueueEntry } from './queueOf'
import styles from './QueuePanel.module.css'

type Props = { entries: readonly QueueEntry[]; practitionerId: string; facilityId: string; onCalled: (entry: QueueEntry) => void }

/** Calls the first that waits; nothing while somebody is called or inside. */
export function CallNext({ entries, practitionerId, facilityId, onCalled }: Props) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const callNext = $api.useMutation('post', '/api/queue/call-next')
  const next = insideOf(entries) ? undefined : nextOf(entries)
  const call = async () => {
    const answer = await callNext.mutateAsync({ body: { practitioner_id: practitionerId, facility_id: facilityId } }).catch(() => null)
    if (answer?.called) onCalled(answer.called)
  }
  useKeys({ call: next && (() => void call()) })
  return (
    <>
      {callNext.error != null && <Notice urgent title={problemText(callNext.error)} />}
      {next && (
        <div className={styles.call}>
          <Button fullWidth size="md" loading={callNext.isPending} onClick={call} rightSection={<Key of="call" />}>
            {t('queue.callNext', { number: next.number, name: next.appointment.patient?.name })}
          </Button>
        </div>
      )}
    </>
  )
}
