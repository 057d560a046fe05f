import { Button, NativeSelect } from '@mantine/core'
import { MessageSquare, PhoneOff, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { DataTable, Dialog, EmptyState, Key, Notice, toast, type Column } from '~/ui'
import { choiceOf, countOf, decisionOf, type Affected, type Choice, type Choices, type Proposal } from './decisions'
import styles from './LeaveRebooking.module.css'

/** Leave that is yet to be made, or one that is there. */
export type LeaveToRebook = { leave: components['schemas']['CreateException'] } | { exception_id: string }

type Stale = { refused: { appointment_id: string; code: string }[]; proposals: { appointment_id: string; options: Proposal[] }[] }

/** Everyone who is booked inside the leave, each with a new place; one press makes the leave, moves all and tells them. */
export function LeaveRebooking({ leave, onDone, onClose }: { leave: LeaveToRebook; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [choices, setChoices] = useState<Choices>({})
  const [fresh, setFresh] = useState<Stale | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const preview = $api.useQuery('post', '/api/leave-cascades/preview', { body: leave }, { staleTime: Infinity, gcTime: 0 })
  const apply = $api.useMutation('post', '/api/leave-cascades')
  const isNew = 'leave' in leave
  const items = preview.data?.items.map((item) => ({ ...item, options: fresh?.proposals.find(({ appointment_id }) => appointment_id === item.appointment.id)?.options ?? item.options }))
  const when = (at: string) => `${format.day(at)} ${format.time(at)}`
  const counts = countOf(items ?? [], choices)
  const choose = (item: Affected, choice: Choice) => setChoices((before) => ({ ...before, [item.appointment.id]: choice }))

  const send = async () => {
    if (!items || apply.isPending) return
    setRefusal(null)
    try {
      await idempotent((headers) => apply.mutateAsync({ body: { ...leave, reason: t('leave.reasonTold'), decisions: items.map((item) => decisionOf(item, choices)) }, headers }))
      toast({ title: t('leave.done', counts), detail: t('leave.told') })
      onDone()
    } catch (error) {
      const { code, extra } = asProblem(error)
      if (code !== 'proposals_stale') return setRefusal(error)
      const stale = extra as unknown as Stale
      setFresh(stale)
      setChoices((before) => Object.fromEntries(Object.entries(before).filter(([id]) => !stale.refused.some(({ appointment_id }) => appointment_id === id))))
      if (stale.refused.some(({ code: why }) => why === 'undecided' || why === 'not_affected')) void preview.refetch()
    }
  }
  const wasRefused = (item: Affected) => fresh?.refused.some(({ appointment_id }) => appointment_id === item.appointment.id)
  const columns: Column<Affected>[] = [
    { id: 'at', head: t('leave.booked'), cell: ({ appointment }) => <span className="num">{when(appointment.starts_at)}</span>, width: 120 },
    {
      id: 'who', head: t('leave.patient'), skeleton: 140,
      cell: (item) => (
        <>
          <b>{item.appointment.patient?.name}</b> <span className="dim2">{item.appointment.practitioner_name}</span>
          {wasRefused(item) && <span className="attention"> {t('leave.takenNow')}</span>}
        </>
      ),
    },
    { id: 'told', head: t('leave.toldBy'), cell: ({ told_by, appointment }) => <ToldBy by={told_by} phone={appointment.patient?.phone} />, onNarrow: 'hide' },
    {
      id: 'to', head: t('leave.becomes'), skeleton: 200,
      cell: (item) => (
        <NativeSelect
          className={styles.place} size="xs" aria-label={t('leave.becomesOf', { name: item.appointment.patient?.name })} value={choiceOf(item, choices)} onChange={({ target }) => choose(item, target.value as Choice)}
          data={[
            ...item.options.map((place, nth) => ({ value: `${nth}`, label: `${when(place.starts_at)}, ${place.practitioner_name}` })),
            { value: 'cancel', label: t('leave.cancel') },
            { value: 'keep', label: t(item.options.length > 0 ? 'leave.keep' : 'leave.noPlace') },
          ]}
        />
      ),
    },
  ]
  return (
    <Dialog opened title={t('leave.title')} onClose={onClose} width={860} withCross>
      <p className="dim2">{t('leave.why')}</p>
      {fresh && <Notice urgent title={t('leave.stale', { count: fresh.refused.length })} />}
      <div className={styles.list}>
        <DataTable label={t('leave.title')} list={{ data: items && { items }, error: preview.error, refetch: preview.refetch }} columns={columns} idOf={({ appointment }) => appointment.id} empty={<EmptyState title={t('leave.nobody')} why={t('leave.nobodyWhy')} />} />
      </div>
      {refusal !== null && <Notice urgent title={problemText(refusal)} />}
      <div className={styles.foot}>
        <span className="num" aria-live="polite">{items && t('leave.counts', counts)}</span>
        <Button variant="default" onClick={onClose} rightSection={<Key of="back" />}>{t('desk.leave')}</Button>
        <Button loading={apply.isPending} disabled={!items || (!isNew && items.length === 0)} onClick={() => void send()}>{t(isNew ? 'leave.make' : 'leave.apply')}</Button>
      </div>
    </Dialog>
  )
}

function ToldBy({ by, phone }: { by: Affected['told_by']; phone?: string | null }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  if (by === 'app') return <span className={styles.told}><Smartphone size={15} aria-hidden />{t('leave.byApp')}</span>
  if (by === 'text') return <span className={styles.told}><MessageSquare size={15} aria-hidden />{t('leave.byText')}</span>
  return <span className={`${styles.told} attention`}><PhoneOff size={15} aria-hidden />{phone ? format.phone(phone) : t('leave.byNobody')}</span>
}
