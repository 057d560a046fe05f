import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog, DataTable, Facts, Panel, toast, type Column } from '~/ui'
import { SideForm } from '~/ui/directory'
import { membershipBody } from './NewUser'
import { useRoleWord } from '../roleWord'
import { RoleFields } from './RoleFields'
import { newRole } from './roles'
import styles from './Users.module.css'

export type User = components['schemas']['UserRead']
type Membership = User['memberships'][number]
type Props = { user: User; onChanged: () => void; onClose: () => void; onSecret: (password: string) => void }

/** One user: the name, the roles with their ends, a new password where the old is forgotten. */
export function UserCard({ user, onChanged, onClose, onSecret }: Props) {
  const { t } = useTranslation(['identity', 'proofs'])
  const { phone } = useFormats()
  const change = $api.useMutation('patch', '/api/users/{user_id}')
  const reset = $api.useMutation('post', '/api/users/{user_id}/reset-password')
  const lost = $api.useMutation('post', '/api/users/{user_id}/reset-second-factor')
  const [isResetting, setResetting] = useState(false)
  const [isLost, setLost] = useState(false)
  const params = { path: { user_id: user.id } }
  const mayChange = can('user.manage')
  const form = useForm({ initialValues: { name: user.name, version: user.version }, validate: { name: (value) => (value.trim() ? null : t('setup.missing')) } })
  return (
    <>
      <SideForm
        title={user.name}
        form={form}
        action={mayChange ? t('users.save') : undefined}
        onClose={onClose}
        send={async ({ name, version }) => {
          const kept = await change.mutateAsync({ params: { ...params, header: ifMatch(version) }, body: { name: name.trim() } })
          form.setFieldValue('version', kept.version)
          toast({ title: t('users.saved', { name: name.trim() }) })
          onChanged()
        }}
      >
        <TextInput label={t('users.name')} {...form.getInputProps('name')} />
        <Facts
          items={[
            [t('users.username'), user.username],
            [t('users.email'), user.email ?? '–'],
            [t('proofs:lost.factor'), t(user.has_second_factor ? 'proofs:lost.on' : 'proofs:lost.off')],
            [t('users.phone'), <span className="num" key="phone">{user.phone ? phone(user.phone) : '–'}</span>],
          ]}
        />
      </SideForm>
      <Roles user={user} onChanged={onChanged} />
      {mayChange && (
        <Button variant="default" className={styles.reset} onClick={() => setResetting(true)}>
          {t('users.reset')}
        </Button>
      )}
      {mayChange && user.has_second_factor && (
        <Button variant="default" className={styles.reset} onClick={() => setLost(true)}>
          {t('proofs:lost.reset')}
        </Button>
      )}
      <ConfirmDialog
        opened={isLost}
        title={t('proofs:lost.resetTitle')}
        restate={<><b>{user.name}</b><div>{t('proofs:lost.resetWhy')}</div></>}
        action={t('proofs:lost.resetAction', { name: user.name })}
        onClose={() => setLost(false)}
        onConfirm={async () => {
          await lost.mutateAsync({ params })
          toast({ title: t('proofs:lost.done', { name: user.name }) })
          onChanged()
        }}
      />
      <ConfirmDialog
        opened={isResetting}
        title={t('users.resetTitle')}
        restate={<><b>{user.name}</b><div>{t('users.resetWhy')}</div></>}
        destroys={false}
        action={t('users.resetAction', { name: user.name })}
        onClose={() => setResetting(false)}
        onConfirm={async () => onSecret((await reset.mutateAsync({ params })).one_time_password)}
      />
    </>
  )
}

function Roles({ user, onChanged }: { user: User; onChanged: () => void }) {
  const { t } = useTranslation('identity')
  const { date } = useFormats()
  const [ending, setEnding] = useState<Membership | null>(null)
  const [isGiving, setGiving] = useState(false)
  const end = $api.useMutation('delete', '/api/users/{user_id}/memberships/{membership_id}')
  const mayChange = can('user.manage')
  const word = useRoleWord()
  const placeOf = ({ facility_name }: Membership) => facility_name ?? t('users.everywhere')
  const columns: Column<Membership>[] = [
    { id: 'role', head: t('users.role'), cell: (one) => <><b>{word(one)}</b> <span className="dim2">{placeOf(one)}</span></> },
    { id: 'until', head: t('users.until'), cell: ({ valid_until }) => <span className="num">{valid_until ? date(valid_until) : '–'}</span> },
  ]
  return (
    <>
      <Panel
        title={t('users.roles')}
        right={mayChange && !isGiving && <Button size="xs" variant="default" onClick={() => setGiving(true)}>{t('users.give')}</Button>}
      >
        <DataTable
          label={t('users.roles')}
          list={{ data: { items: user.memberships } }}
          columns={columns}
          idOf={({ id }) => id}
          empty={null}
          actionHead=""
          action={mayChange ? (one) => ({ label: t('users.endRole'), onPress: () => setEnding(one) }) : undefined}
        />
      </Panel>
      {isGiving && (
        <GiveRole
          user={user}
          onClose={() => setGiving(false)}
          onDone={() => {
            setGiving(false)
            onChanged()
          }}
        />
      )}
      <ConfirmDialog
        opened={ending !== null}
        title={t('users.endRoleTitle')}
        restate={ending && <><b>{user.name}</b><div>{word(ending)}, {placeOf(ending)}</div></>}
        action={t('users.endRoleAction', { name: user.name })}
        onClose={() => setEnding(null)}
        onConfirm={async () => {
          if (ending) await end.mutateAsync({ params: { path: { user_id: user.id, membership_id: ending.id } } })
          onChanged()
        }}
      />
    </>
  )
}

function GiveRole({ user, onDone, onClose }: { user: User; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('identity')
  const { timeZone } = useFormats()
  const give = $api.useMutation('post', '/api/users/{user_id}/memberships')
  const form = useForm({ initialValues: newRole() })
  return (
    <SideForm
      title={t('users.give')}
      form={form}
      action={t('users.giveAction', { name: user.name })}
      onClose={onClose}
      send={async (values, headers) => {
        await give.mutateAsync({ params: { path: { user_id: user.id } }, body: membershipBody(values, timeZone), headers })
        toast({ title: t('users.given', { name: user.name }) })
        onDone()
      }}
    >
      <RoleFields inputProps={(name) => form.getInputProps(name)} />
    </SideForm>
  )
}
