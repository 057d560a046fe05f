import { useTranslation } from 'react-i18next'
import { useState } from 'react'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog } from '~/ui/ConfirmDialog'
import { DataTable, type Column } from '~/ui/DataTable'
import { toast } from '~/ui/toast'
import { deviceName } from './device'
import { useRevokeSession, useSessions } from './queries'

type Session = NonNullable<ReturnType<typeof useSessions>['data']>['items'][number]

/** Where I am signed in, each with its end. `short` leaves out what a phone has no room for. */
export function Sessions({ short = false }: { short?: boolean }) {
  const { t } = useTranslation('identity')
  const { near } = useFormats()
  const now = useNow()
  const sessions = useSessions()
  const revoke = useRevokeSession()
  const [ending, setEnding] = useState<Session | null>(null)

  const columns: Column<Session>[] = [
    {
      id: 'device',
      head: t('sessions.device'),
      cell: (session) => (
        <>
          <b>{deviceName(session.user_agent)}</b> {session.is_current && <span className="good">{t('sessions.this')}</span>}
        </>
      ),
    },
    { id: 'address', head: t('sessions.address'), cell: ({ address }) => <span className="num">{address}</span>, onNarrow: 'hide' },
    { id: 'since', head: t('sessions.since'), cell: ({ created_at }) => <span className="num">{near(created_at, now)}</span>, onNarrow: 'hide' },
    { id: 'seen', head: t('sessions.seen'), cell: ({ last_seen_at }) => <span className="num">{near(last_seen_at, now)}</span> },
  ]
  const end = async (session: Session) => {
    await revoke.mutateAsync({ params: { path: { session_id: session.id } } })
    await sessions.refetch()
    toast({ title: t('sessions.ended'), detail: deviceName(session.user_agent) })
  }
  return (
    <>
      <DataTable
        label={t('sessions.title')}
        list={sessions}
        columns={short ? columns.filter(({ onNarrow }) => onNarrow !== 'hide') : columns}
        idOf={({ id }) => id}
        empty={null}
        skeletonRows={2}
        actionHead={t('sessions.step')}
        action={(session) => (session.is_current ? null : { label: t('sessions.end'), onPress: () => setEnding(session) })}
      />
      <ConfirmDialog
        opened={ending !== null}
        title={t('sessions.endTitle')}
        restate={ending && `${deviceName(ending.user_agent)}, ${ending.address}`}
        action={t('sessions.endAction', { device: ending ? deviceName(ending.user_agent) : '' })}
        onConfirm={() => ending && end(ending)}
        onClose={() => setEnding(null)}
      />
    </>
  )
}
