import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog } from '~/ui/ConfirmDialog'
import { ErrorState } from '~/ui/ErrorState'
import { toast } from '~/ui/toast'
import styles from './CalendarFeeds.module.css'
import { Address } from './Address'

type Feed = components['schemas']['CalendarFeedRead']
type Asking = { what: 'new' | 'end'; of: Feed['of'] } | null

/** My private calendar addresses: made, made anew, taken back. Nothing for who has no visits of their own. */
export function CalendarFeeds({ frame }: { frame: (title: string, content: ReactNode) => ReactNode }) {
  const { t } = useTranslation('calendars')
  const { near } = useFormats()
  const now = useNow()
  const list = $api.useQuery('get', '/api/calendar-feeds')
  const make = $api.useMutation('post', '/api/calendar-feeds')
  const end = $api.useMutation('delete', '/api/calendar-feeds/{of}')
  const [made, setMade] = useState<{ of: Feed['of']; path: string } | null>(null)
  const [asking, setAsking] = useState<Asking>(null)

  const makeOne = async (of: Feed['of']) => {
    setMade(await make.mutateAsync({ body: { of } }))
    await list.refetch()
  }
  const endOne = async (of: Feed['of']) => {
    await end.mutateAsync({ params: { path: { of } } })
    setMade(null)
    await list.refetch()
    toast({ title: t('ended') })
  }
  const state = ({ made_at, last_read_at }: Feed) =>
    made_at ? `${t('made', { at: near(made_at, now) })}, ${last_read_at ? t('read', { at: near(last_read_at, now) }) : t('notRead')}` : t('none')

  if (list.error && !list.data) return frame(t('title'), <ErrorState error={list.error} onRetry={() => void list.refetch()} />)
  if (!list.data || list.data.items.length === 0) return null
  return frame(
    t('title'),
    <div className={styles.feeds}>
      {list.data.items.map((feed) => (
        <div key={feed.of} className={styles.feed} role="group" aria-label={t(`of.${feed.of}`)}>
          <p><b>{t(`of.${feed.of}`)}</b> <span className="dim2">{state(feed)}</span></p>
          <p>{t('why')} {feed.of === 'practitioner' && t('whyDoctor')}</p>
          {made?.of === feed.of && <Address path={made.path} />}
          {make.error != null && make.variables?.body.of === feed.of && <ErrorState error={make.error} onRetry={() => void makeOne(feed.of)} />}
          <div className={styles.buttons}>
            <Button variant="default" loading={make.isPending} onClick={() => (feed.made_at ? setAsking({ what: 'new', of: feed.of }) : void makeOne(feed.of).catch(() => {}))}>
              {t(feed.made_at ? 'makeNew' : 'make')}
            </Button>
            {feed.made_at && <Button variant="default" onClick={() => setAsking({ what: 'end', of: feed.of })}>{t('end')}</Button>}
          </div>
        </div>
      ))}
      <ConfirmDialog
        opened={asking !== null} title={t(asking?.what === 'end' ? 'endTitle' : 'newTitle')} restate={t('newWhy')}
        action={t(asking?.what === 'end' ? 'end' : 'makeNew')} destroys={asking?.what === 'end'}
        onConfirm={() => asking && (asking.what === 'end' ? endOne(asking.of) : makeOne(asking.of))} onClose={() => setAsking(null)}
      />
    </div>,
  )
}
