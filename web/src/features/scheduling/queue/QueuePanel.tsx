import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useKeys } from '~/lib/keys'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { EmptyState, ErrorState, Hint, Hints, Notice, Panel, PanelFoot, SegmentedFilter } from '~/ui'
import { CallNext } from './CallNext'
import { isNow, type QueueEntry } from './queueOf'
import { QueueOrder } from './QueueOrder'
import { QueueList } from './QueueList'
import styles from './QueuePanel.module.css'

type Props = {
  entries: readonly QueueEntry[] | undefined
  error: unknown
  onRetry: () => void
  chosen: QueueEntry | undefined
  onChoose: (entry: QueueEntry) => void
  practitionerId: string
  facilityId: string
  /** Minutes behind the plan. */
  delay: number
  right?: ReactNode
  /** Whether it is the reader's own. */
  isMine: boolean
}

/** The doctor's queue with its keys: next, skip, recall, and who was done today. */
export function QueuePanel({ entries, error, onRetry, chosen, onChoose, practitionerId, facilityId, delay, right, isMine }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const [show, setShow] = useState<'now' | 'done'>('now')
  const recall = $api.useMutation('post', '/api/queue/{token_id}/recall')
  const skip = $api.useMutation('post', '/api/queue/{token_id}/skip')
  const back = $api.useMutation('post', '/api/queue/{token_id}/return')
  const of = (entry: QueueEntry) => ({ params: { path: { token_id: entry.token_id } } })
  const now = entries?.filter(isNow) ?? []
  const done = entries?.filter((entry) => !isNow(entry)) ?? []
  useKeys({
    recall: chosen?.status === 'called' && (() => recall.mutate(of(chosen))),
    skip: chosen && (chosen.status === 'called' || chosen.status === 'waiting') && (() => skip.mutate(of(chosen))),
  })
  const shown = show === 'now' ? now : done
  const refusal = [recall, skip, back].find((one) => one.error != null)?.error
  return (
    <Panel
      title={t(isMine ? 'queue.mine' : 'queue.title')}
      className={styles.panel}
      right={
        <SegmentedFilter
          label={t('queue.show')}
          value={show}
          onChange={setShow}
          segments={[
            { value: 'now', label: t('queue.now'), count: now.length },
            { value: 'done', label: t('queue.done'), count: done.length },
          ]}
        />
      }
    >
      {delay > 0 && <p className={`attention ${styles.late}`}>{t('queue.late', { minutes: format.minutes(delay) })}</p>}
      {right}
      {refusal != null && <Notice urgent title={problemText(refusal)} />}
      {error != null && !entries ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : entries && shown.length === 0 ? (
        <EmptyState title={t('queue.empty')} why={t('queue.emptyWhy')} />
      ) : (
        <QueueList label={t(isMine ? 'queue.mine' : 'queue.title')} entries={shown} chosenId={chosen?.token_id ?? null} onChoose={onChoose} />
      )}
      <CallNext entries={now} practitionerId={practitionerId} facilityId={facilityId} onCalled={onChoose} />
      {chosen?.status === 'skipped' && (
        <div className={styles.call}>
          <Button variant="default" fullWidth loading={back.isPending} onClick={() => back.mutate(of(chosen))}>
            {t('queue.return', { number: chosen.number })}
          </Button>
        </div>
      )}
      <PanelFoot>
        <QueueOrder />
        <Hints>
          <Hint of="next">{t('queue.keyNext')}</Hint>
          <Hint of="before">{t('queue.keyBefore')}</Hint>
          <Hint of="skip">{t('queue.keySkip')}</Hint>
          <Hint of="recall">{t('queue.keyRecall')}</Hint>
        </Hints>
      </PanelFoot>
    </Panel>
  )
}
