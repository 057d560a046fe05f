import { Button } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { ZoneOf } from '~/lib/ZoneOf'
import { EmptyState, ErrorState, Panel, SegmentedFilter } from '~/ui'
import { Paging } from '~/ui/Paging'
import styles from './NotificationList.module.css'

type Notification = components['schemas']['NotificationRead']
export const pageOf = 50

type Parts = { list: ReactNode; unread: string; readAll: ReactNode; isComing: boolean; isEmpty: boolean }
type Props = {
  show?: 'all' | 'unread'
  skip: number
  /** Left out, all are shown. */
  onShow?: (show: 'all' | 'unread') => void
  onSkip: (skip: number) => void
  /** Opens what a message is about, where the page knows a place for it. */
  onOpen?: (params: Record<string, unknown>) => void
  /** What stands round the list where that is no panel: on the phone. */
  frame?: (parts: Parts) => ReactNode
}

/** What I was told, newest first; opening one marks it read. */
export function NotificationList({ show = 'all', skip, onShow, onSkip, onOpen, frame }: Props) {
  const { t } = useTranslation('notifications')
  const format = useFormats()
  const query = { skip, limit: pageOf, ...(show === 'unread' ? { unread: true } : {}) }
  const answer = $api.useQuery('get', '/api/notifications', { params: { query } })
  const read = $api.useMutation('post', '/api/notifications/{notification_id}/read')
  const readAll = $api.useMutation('post', '/api/notifications/read-all')
  const items = answer.data?.items
  const unread = answer.data?.unread ?? 0

  const open = (one: Notification) => {
    if (!one.read_at) read.mutate({ params: { path: { notification_id: one.id } } })
    onOpen?.(one.params)
  }
  const note = t('unread', { count: unread })
  const readAllButton = (
    <Button variant="default" disabled={unread === 0} loading={readAll.isPending} onClick={() => readAll.mutate({})}>
      {t('readAll')}
    </Button>
  )
  const list = (
    <>
      {answer.error && !items ? (
        <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
      ) : items?.length === 0 ? (
        <EmptyState title={t('none')} why={t('noneWhy')} />
      ) : (
        <ul className={styles.list} data-framed={frame ? true : undefined} tabIndex={frame ? undefined : 0} aria-label={t('title')} aria-busy={!items}>
          {items?.map((one) => (
            <li key={one.id} data-new={!one.read_at || undefined}>
              <button type="button" onClick={() => open(one)}>
                <i aria-hidden />
                {!one.read_at && <span className="vh">{t('new')}</span>}
                <ZoneOf facilityId={(one.params as { facility_id?: string }).facility_id}><Words one={one} /></ZoneOf>
                <span className="num dim2">
                  {format.near(one.raised_at)}
                </span>
                {frame && onOpen && <ChevronRight size={18} aria-hidden />}
              </button>
            </li>
          ))}
        </ul>
      )}
      {answer.data && (answer.data.total > pageOf || skip > 0) && <Paging skip={skip} limit={pageOf} onSkip={onSkip} shown={items?.length ?? 0} total={answer.data.total} isCapped={answer.data.total_capped} />}
    </>
  )
  if (frame) return frame({ list, unread: note, readAll: unread > 0 && readAllButton, isComing: answer.isPending, isEmpty: items?.length === 0 })
  return (
    <Panel
      title={t('title')}
      note={note}
      right={
        <>
          {onShow && <SegmentedFilter label={t('show')} value={show} onChange={onShow} segments={[{ value: 'all', label: t('all') }, { value: 'unread', label: t('new'), count: unread }]} />}
          {readAllButton}
        </>
      }
    >
      {list}
    </Panel>
  )
}

/** What it says, its times by the clock of the branch that it is about. */
function Words({ one }: { one: Notification }) {
  const { t } = useTranslation('notifications')
  const format = useFormats()
  const { starts_at, previous_starts_at, until, ...rest } = one.params as Record<string, string | undefined>
  const at = (moment?: string) => (moment ? format.nearInside(moment) : '')
  return <span>{t(`template.${saidBy(one)}`, { ...rest, at: at(starts_at), before: at(previous_starts_at), until: until ? format.time(until) : '' })}</span>
}

/** The word for it. A booking that the desk has yet to confirm is not told as a promise. */
const saidBy = ({ template, params }: Notification) =>
  (template === 'appointment.booked' && params.status === 'pending' ? 'appointment.pending' : template).replace('.', '_')
