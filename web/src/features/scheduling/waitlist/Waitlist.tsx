import { ActionIcon, Button } from '@mantine/core'
import { X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ConfirmDialog, DataTable, EmptyState, Notice, Panel, toast, type Column } from '~/ui'
import { useWhomOf, type Entry } from './waiting'
import styles from './Waitlist.module.css'

const pageOf = 100

type Props = { facilityId: string; practitionerId: string; day: string; tools?: React.ReactNode }

/** Who waits for a place, in order: with what is held for whom, and the desk's answer for those who call. */
export function Waitlist({ facilityId, practitionerId, day, tools }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const whomOf = useWhomOf()
  const [skip, setSkip] = useState(0)
  const query = { skip, limit: pageOf, facility_id: facilityId, ...(practitionerId ? { practitioner_id: practitionerId } : {}), ...(day ? { day } : {}) }
  const list = $api.useQuery('get', '/api/waitlist', { params: { query } })
  const [leaving, setLeaving] = useState<Entry | null>(null)
  const { accept, decline, setFirst, leave, isBusy, error } = useAnswers()
  const days = ({ first_day, last_day }: Entry) => (first_day === last_day ? format.bareDay(first_day) : t('waitlist.fromTo', { from: format.bareDay(first_day), to: format.bareDay(last_day) }))

  const columns: Column<Entry>[] = [
    { id: 'place', head: t('waitlist.nth'), cell: ({ place }) => place ?? '–', align: 'end', width: 44 },
    {
      id: 'who', head: t('leave.patient'), skeleton: 150,
      cell: ({ patient, is_priority, reason }) => <><b>{patient?.name}</b> <span className={styles.more}>{[patient?.phone && format.phone(patient.phone), reason].filter(Boolean).join(', ')}</span>{is_priority && <span className="attention"> {t('queue.priority')}</span>}</>,
    },
    { id: 'whom', head: t('waitlist.whom'), cell: (entry) => whomOf(entry), skeleton: 120, onNarrow: 'hide' },
    { id: 'when', head: t('waitlist.when'), cell: (entry) => <span className="num">{[days(entry), entry.part_of_day !== 'any' && t(`waitlist.parts.${entry.part_of_day}`)].filter(Boolean).join(', ')}</span>, onNarrow: 'hide' },
    { id: 'offer', head: t('waitlist.state'), skeleton: 130, cell: ({ offer, practitioner_name }) => (offer ? <b className={styles.held}>{t('waitlist.held', { at: `${format.day(offer.starts_at)} ${format.time(offer.starts_at)}`, until: format.time(offer.expires_at) })}{!practitioner_name && <span className="dim2"> {offer.practitioner_name}</span>}</b> : <span className="dim2">{t('waitlist.waits')}</span>) },
    {
      id: 'acts', head: <span className="vh">{t('waitlist.acts')}</span>, align: 'end',
      cell: (entry) => (
        <span className={styles.acts}>
          {entry.offer && can('appointment.book') && <Button size="xs" disabled={isBusy} onClick={() => void accept(entry)}>{t('waitlist.accept')}</Button>}
          {entry.offer && can('appointment.book') && <Button size="xs" variant="default" disabled={isBusy} onClick={() => void decline(entry)}>{t('waitlist.decline')}</Button>}
          {!entry.offer && can('appointment.confirm') && <Button size="xs" variant="default" disabled={isBusy} onClick={() => void setFirst(entry)}>{t(entry.is_priority ? 'waitlist.notFirst' : 'waitlist.first')}</Button>}
          {can('appointment.change') && <ActionIcon size="sm" aria-label={t('waitlist.leaveDo', { name: entry.patient?.name })} onClick={() => setLeaving(entry)}><X size={16} aria-hidden /></ActionIcon>}
        </span>
      ),
    },
  ]
  return (
    <Panel title={list.data ? t('waitlist.counts', { waiting: list.data.waiting, offered: list.data.offered }) : ' '} label={t('waitlist.title')} right={tools}>
      {error != null && <Notice urgent title={problemText(error)} />}
      <DataTable label={t('waitlist.title')} list={list} columns={columns} idOf={({ id }) => id} paging={{ skip, limit: pageOf, onSkip: setSkip }} empty={<EmptyState title={t('waitlist.none')} why={t('waitlist.noneWhy')} />} />
      <ConfirmDialog
        opened={leaving !== null} title={t('waitlist.leaveTitle')} action={t('waitlist.leaveDo', { name: leaving?.patient?.name })} onClose={() => setLeaving(null)}
        restate={leaving && <p><b>{leaving.patient?.name}</b>, {whomOf(leaving)}</p>} onConfirm={() => leaving && leave(leaving)}
      />
    </Panel>
  )
}

/** What the desk does for one who calls. */
function useAnswers() {
  const { t } = useTranslation('scheduling')
  const idempotent = useIdempotent()
  const accepting = $api.useMutation('post', '/api/waitlist-offers/{offer_id}/accept')
  const declining = $api.useMutation('post', '/api/waitlist-offers/{offer_id}/decline')
  const priority = $api.useMutation('post', '/api/waitlist/{entry_id}/priority')
  const leaving = $api.useMutation('post', '/api/waitlist/{entry_id}/leave')
  const offered = ({ offer }: Entry) => ({ params: { path: { offer_id: offer?.id ?? '' } } })
  const named = ({ id }: Entry) => ({ params: { path: { entry_id: id } } })
  const quiet = () => undefined
  return {
    accept: (entry: Entry) => idempotent((headers) => accepting.mutateAsync({ ...offered(entry), headers })).then(() => toast({ title: t('waitlist.booked', { name: entry.patient?.name }) }), quiet),
    decline: (entry: Entry) => declining.mutateAsync(offered(entry)).then(() => toast({ title: t('waitlist.declined', { name: entry.patient?.name }), detail: t('waitlist.nextAsked') }), quiet),
    setFirst: (entry: Entry) => priority.mutateAsync({ ...named(entry), body: { is_priority: !entry.is_priority } }).catch(quiet),
    leave: (entry: Entry) => leaving.mutateAsync(named(entry)),
    isBusy: accepting.isPending || declining.isPending || priority.isPending,
    error: accepting.error ?? declining.error ?? priority.error,
  }
}
