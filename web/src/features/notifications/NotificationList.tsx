import { Button } from '@mantine/core'
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

type Props = {
  show: 'all' | 'unread'
  skip: number
  onShow: (show: 'all' | 'unread') => void
  onSkip: (skip: number) => void
  /** Opens what a message is about, where the page knows a place for it. */
  onOpen?: (params: Record<string, unknown>) => void
}

/** What I was told, newest first; opening one marks it read. */
export function NotificationList({ show, skip, onShow, onSkip, onOpen }: Props) {
  const { t } = useTranslation('notifications')
  const format = useFormats()
  const query = { skip, limit: pageOf, ...(show === 'unread' ? { unread: true } : {}) }
  const list = $api.useQuery('get', '/api/notifications', { params: { query } })
  const read = $api.useMutation('post', '/api/notifications/{notification_id}/read')
  const readAll = $api.useMutation('post', '/api/notifications/read-all')
  const items = list.data?.items
  const unread = list.data?.unread ?? 0

  const open = (one: Notification) => {
    if (!one.read_at) read.mutate({ params: { path: { notification_id: one.id } } })
    onOpen?.(one.params)
  }
  return (
    <Panel
      title={t('title')}
      note={t('unread', { count: unread })}
      right={
        <>
          <SegmentedFilter label={t('show')} value={show} onChange={onShow} segments={[{ value: 'all', label: t('all') }, { value: 'unread', label: t('new'), count: unread }]} />
          <Button variant="default" disabled={unread === 0} loading={readAll.isPending} onClick={() => readAll.mutate({})}>
            {t('readAll')}
          </Button>
        </>
      }
    >
      {list.error && !items ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : items?.length === 0 ? (
        <EmptyState title={t('none')} why={t('noneWhy')} />
      ) : (
        <ul className={styles.list} tabIndex={0} aria-label={t('title')} aria-busy={!items}>
          {items?.map((one) => (
            <li key={one.id} data-new={!one.read_at || undefined}>
              <button type="button" onClick={() => open(one)}>
                <i aria-hidden />
                {!one.read_at && <span className="vh">{t('new')}</span>}
                <ZoneOf facilityId={(one.params as { facility_id?: string }).facility_id}><Words one={one} /></ZoneOf>
                <span className="num dim2">
                  {format.near(one.raised_at)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {list.data && (list.data.total > pageOf || skip > 0) && <Paging skip={skip} limit={pageOf} onSkip={onSkip} shown={items?.length ?? 0} total={list.data.total} isCapped={list.data.total_capped} />}
    </Panel>
  )
}

/** What it says, its times by the clock of the branch that it is about. */
function Words({ one }: { one: Notification }) {
  const { t } = useTranslation('notifications')
  const format = useFormats()
  const { starts_at, previous_starts_at, until, ...rest } = one.params as Record<string, string | undefined>
  const at = (moment?: string) => (moment ? format.nearInside(moment) : '')
  return <span>{t(`template.${one.template.replace('.', '_')}`, { ...rest, at: at(starts_at), before: at(previous_starts_at), until: until ? format.time(until) : '' })}</span>
}
