import { Button, Checkbox, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Dialog, EmptyState, ErrorState, Key, Notice, toast } from '~/ui'
import styles from './Handover.module.css'

type Preview = components['schemas']['HandoverPreview']
type Props = { practitionerId: string; facilityId: string; name: string; onClose: () => void }

/** The whole queue to a colleague: who goes, in which order, and which of today's later visits go along. */
export function Handover({ practitionerId, facilityId, name, onClose }: Props) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [asked, setAsked] = useState<string | null>(null)
  const [left, setLeft] = useState<readonly string[]>([])
  const today = $api.useQuery('get', '/api/practitioners-today', { params: { query: { facility_id: facilityId } } })
  const colleagues = today.data?.items.filter(({ practitioner_id, kind, state }) => kind !== 'service' && practitioner_id !== practitionerId && state !== 'gone' && state !== 'leave')
  const to = asked ?? colleagues?.[0]?.practitioner_id ?? ''
  const body = { from_practitioner_id: practitionerId, to_practitioner_id: to, facility_id: facilityId }
  const preview = $api.useQuery('post', '/api/queue-handovers/preview', { body }, { enabled: to !== '', gcTime: 0 })
  const move = $api.useMutation('post', '/api/queue-handovers')
  const colleague = colleagues?.find(({ practitioner_id }) => practitioner_id === to)
  const later = (preview.data?.later ?? []).flatMap(({ appointment, option }) => (option && !left.includes(appointment.id) ? [{ appointment_id: appointment.id, starts_at: option.starts_at }] : []))
  const count = (preview.data?.waiting.filter(({ has_number_there }) => !has_number_there).length ?? 0) + later.length
  const toggle = (id: string) => setLeft((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]))

  const send = async () => {
    try {
      await idempotent((headers) => move.mutateAsync({ body: { ...body, later }, headers }))
      toast({ title: t('handover.done', { count, name: colleague && `${colleague.title} ${colleague.name}` }), detail: t('handover.told') })
      onClose()
    } catch {
      void preview.refetch()
    }
  }
  return (
    <Dialog opened title={t('handover.title', { name })} onClose={onClose} width={640} withCross>
      {today.error ? (
        <ErrorState error={today.error} onRetry={() => void today.refetch()} />
      ) : colleagues?.length === 0 ? (
        <EmptyState title={t('handover.noColleague')} why={t('handover.noColleagueWhy')} />
      ) : (
        <NativeSelect
          label={t('handover.to')} value={to} onChange={({ target }) => setAsked(target.value)} autoFocus
          data={(colleagues ?? []).map((one) => ({ value: one.practitioner_id, label: [`${one.title} ${one.name}`, one.specialty, t('handover.waitsThere', { count: one.waiting })].filter(Boolean).join(', ') }))}
        />
      )}
      {preview.error != null && to && <Notice urgent title={problemText(preview.error)} />}
      {preview.data && <WhoGoes preview={preview.data} left={left} onToggle={toggle} />}
      {move.error != null && <Notice urgent title={problemText(move.error)} />}
      <div className={styles.foot}>
        <Button variant="default" onClick={onClose} rightSection={<Key of="back" />}>{t('desk.leave')}</Button>
        <Button loading={move.isPending} disabled={!preview.data || count === 0} onClick={() => void send()}>{t('handover.do', { count })}</Button>
      </div>
    </Dialog>
  )
}

/** In the order in which they will go in there; then who is expected later, each to be ticked. */
function WhoGoes({ preview, left, onToggle }: { preview: Preview; left: readonly string[]; onToggle: (id: string) => void }) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  if (preview.waiting.length === 0 && preview.later.length === 0) return <EmptyState title={t('handover.nobody')} />
  return (
    <>
      {preview.waiting.length > 0 && (
        <section aria-label={t('handover.waiting')}>
          <h3 className={styles.part}>{t('handover.waiting')}</h3>
          <p className="dim2">{t('handover.order', { count: preview.waiting_there })}</p>
          <ol className={styles.list} tabIndex={0} aria-label={t('handover.waiting')}>
            {preview.waiting.map(({ appointment, has_number_there }) => (
              <li key={appointment.id}>
                <span className="num">{appointment.token?.number}</span> <b>{appointment.patient?.name}</b>
                {appointment.token?.status === 'skipped' && <span className="dim2">{t('queue.skipped')}</span>}
                {has_number_there && <span className="attention">{t('handover.staysThere')}</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
      {preview.later.length > 0 && (
        <section aria-label={t('handover.later')}>
          <h3 className={styles.part}>{t('handover.later')}</h3>
          <ul className={styles.list} tabIndex={0} aria-label={t('handover.later')}>
            {preview.later.map(({ appointment, option }) => (
              <li key={appointment.id}>
                <Checkbox
                  checked={option !== null && !left.includes(appointment.id)} disabled={option === null} onChange={() => onToggle(appointment.id)}
                  label={<><span className="num">{time(appointment.starts_at)}</span> <b>{appointment.patient?.name}</b> <span className={option ? 'dim2' : 'attention'}>{option ? t('handover.at', { time: time(option.starts_at) }) : t('handover.noPlace')}</span></>}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
