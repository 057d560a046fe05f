import { Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useSettled } from '~/lib/useSettled'
import { EmptyState, SearchBox, type Column } from '~/ui'
import { Directory, directoryQuery, ShownOnce, type DirectoryProps } from '~/ui/directory'
import { useRoleWord } from '../roleWord'
import { grantedRoles, asRole } from './roles'
import proofs from '../proofs/Proofs.module.css'
import { Invitations } from './Invitations'
import { NewUser } from './NewUser'
import { UserCard, type User } from './UserCard'

type Secret = { name: string; password: string }

/** Who signs in here and as what. */
export function Users(place: DirectoryProps) {
  const { t } = useTranslation('identity')
  const { near } = useFormats()
  const now = useNow()
  const [search, setSearch] = useState('')
  const [role, setRole] = useState<string | null>(null)
  const [secret, setSecret] = useState<Secret | null>(null)
  const wanted = useSettled(search.trim())
  const list = $api.useQuery('get', '/api/users', {
    params: { query: { ...directoryQuery(place.at), ...(wanted ? { search: wanted } : {}), ...(role ? { role: asRole(role) } : {}) } },
  })
  const end = $api.useMutation('delete', '/api/users/{user_id}')
  const mayChange = can('user.manage')
  const word = useRoleWord()
  const asText = ({ memberships }: User) => [...new Set(memberships.map(word))].join(', ')

  const columns: Column<User>[] = [
    { id: 'name', head: t('users.name'), skeleton: 160, cell: ({ name, username }) => <><b>{name}</b> <span className="dim2">{username}</span></> },
    { id: 'roles', head: t('users.roles'), cell: asText },
    { id: 'seen', head: t('users.seen'), cell: ({ last_seen_at }) => <span className="num">{last_seen_at ? near(last_seen_at, now) : '–'}</span>, onNarrow: 'hide' },
  ]
  if (secret) {
    return <ShownOnce title={secret.name} label={t('users.once')} why={t('users.onceWhy')} value={secret.password} onDone={() => setSecret(null)} />
  }
  return (
    <>
      <Directory
        {...place}
        title={t('users.title')}
        list={list}
        columns={columns}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        tools={
          <>
            <Select aria-label={t('users.role')} placeholder={t('users.everyRole')} clearable value={role} onChange={setRole} data={grantedRoles.map((value) => ({ value, label: t(`role.${value}`) }))} />
            <SearchBox label={t('users.find')} value={search} onChange={setSearch} />
          </>
        }
        add={mayChange ? t('users.add') : undefined}
        empty={<EmptyState title={t('users.none')} why={t('users.noneWhy')} />}
        form={(row, done, close) =>
          row ? (
            <UserCard user={row} onChanged={() => done(true)} onClose={close} onSecret={(password) => setSecret({ name: row.name, password })} />
          ) : (
            <NewUser
              onClose={close}
              onMade={(name, password) => {
                setSecret({ name, password })
                done()
              }}
            />
          )
        }
        ending={
          mayChange
            ? {
                title: t('users.endTitle'),
                action: (name) => t('users.end', { name }),
                restate: t('users.endWhy'),
                done: (name) => t('users.ended', { name }),
                end: ({ id: user_id }) => end.mutateAsync({ params: { path: { user_id } } }),
              }
            : undefined
        }
      />
      <div className={proofs.invitations}>
        <Invitations />
      </div>
    </>
  )
}
