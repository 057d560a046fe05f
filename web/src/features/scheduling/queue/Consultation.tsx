import { Button, Textarea } from '@mantine/core'
import { ArrowRight, CornerDownLeft } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useDraft } from '~/lib/drafts'
import { useKeys } from '~/lib/keys'
import { useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Fields, Key, Notice, Panel, PanelBody, toast } from '~/ui'
import { nextOf, type QueueEntry } from './queueOf'
import styles from './Consultation.module.css'

type Props = {
  entry: QueueEntry
  entries: readonly QueueEntry[]
  practitionerId: string
  facilityId: string
  /** Who "finish and call" called. */
  onCalled: (entry: QueueEntry) => void
  /** Under the visit's own panel, which says the reason and needs the height. */
  isBelowVisit?: boolean
}

/** What the doctor writes of this visit, and the step that ends it. "Finish and call" is one request: both or neither. */
export function Consultation({ entry, entries, practitionerId, facilityId, onCalled, isBelowVisit = false }: Props) {
  const { t } = useTranslation('scheduling')
  const { user } = useMe()
  const format = useFormats()
  const problemText = useProblemText()
  const { appointment } = entry
  const draft = useDraft<{ notes: string }>(user.id, `visit.${appointment.id}`)
  const [notes, setNotes] = useState(draft.kept?.notes ?? appointment.notes)
  const [error, setError] = useState<unknown>(null)
  const save = $api.useMutation('patch', '/api/appointments/{appointment_id}')
  const start = $api.useMutation('post', '/api/queue/{token_id}/start')
  const fulfil = $api.useMutation('post', '/api/appointments/{appointment_id}/fulfil')
  const callNext = $api.useMutation('post', '/api/queue/call-next')
  const isInside = entry.status === 'in-consultation'
  const next = nextOf(entries.filter(({ token_id }) => token_id !== entry.token_id))
  const busy = save.isPending || fulfil.isPending || callNext.isPending || start.isPending

  const attempt = async (act: () => Promise<unknown>) => {
    setError(null)
    try {
      if (notes !== appointment.notes) {
        await save.mutateAsync({ params: { path: { appointment_id: appointment.id } }, body: { notes } })
      }
      await act()
      draft.drop()
    } catch (refused) {
      setError(refused)
    }
  }
  const begin = () => attempt(() => start.mutateAsync({ params: { path: { token_id: entry.token_id } } }))
  const finish = () => attempt(() => fulfil.mutateAsync({ params: { path: { appointment_id: appointment.id } } }))
  const finishAndCall = () =>
    attempt(async () => {
      const { called } = await callNext.mutateAsync({ body: { practitioner_id: practitionerId, facility_id: facilityId, finishing: entry.token_id } })
      if (!called) return
      toast({ title: t('queue.called', { number: called.number }), detail: called.appointment.patient?.name })
      onCalled(called)
    })
  useKeys({ finishAndCall: !busy && (isInside ? finishAndCall : entry.status === 'called' && (() => void begin())) })

  const change = (value: string) => {
    setNotes(value)
    draft.keep({ notes: value })
  }
  return (
    <Panel
      title={t('visit.title')}
      note={draft.savedAt && notes !== appointment.notes ? t('visit.draftSaved', { at: format.time(draft.savedAt) }) : undefined}
      className={`${styles.panel} ${isBelowVisit ? styles.low : ''}`}
    >
      <PanelBody className={styles.body}>
        <Fields>
          {!isBelowVisit && (
            <div>
              <span className={styles.label}>{t('visit.reason')}</span>
              <p>{appointment.reason || <span className="dim">{t('visit.noReason')}</span>}</p>
            </div>
          )}
          <Textarea label={t('visit.notes')} description={t('visit.notesHint')} autosize minRows={isBelowVisit ? 3 : 6} maxRows={isBelowVisit ? 8 : 16} maxLength={4000} value={notes} onChange={({ target }) => change(target.value)} />
          {error != null && <Notice tone="attention" title={problemText(error)} />}
        </Fields>
      </PanelBody>
      <div className={styles.steps}>
        {isInside ? (
          <>
            {next && (
              <Button variant="default" size="md" loading={fulfil.isPending} onClick={finish}>
                {t('visit.finish')}
              </Button>
            )}
            <Button
              size="md" fullWidth justify="space-between" loading={callNext.isPending} onClick={finishAndCall}
              leftSection={<ArrowRight size={16} aria-hidden />}
              rightSection={<span className={styles.caps}><Key>Ctrl</Key><CornerDownLeft size={14} aria-hidden /></span>}
            >
              {next ? t('visit.finishAndCall', { number: next.number, name: next.appointment.patient?.name }) : t('visit.finishLast')}
            </Button>
          </>
        ) : (
          <Button
            size="md" fullWidth loading={start.isPending} onClick={begin}
            rightSection={entry.status === 'called' && <span className={styles.caps}><Key>Ctrl</Key><CornerDownLeft size={14} aria-hidden /></span>}
          >
            {t('visit.start', { number: entry.number, name: appointment.patient?.name })}
          </Button>
        )}
      </div>
    </Panel>
  )
}
