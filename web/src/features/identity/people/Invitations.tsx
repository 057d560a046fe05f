import { Button, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, Facts, Panel, PanelBody, toast, type Column } from '~/ui'
import { Directory, directoryPage, SideForm, type DirectoryPlace } from '~/ui/directory'
import { asRole, grantedRoles } from './roles'

type Invitation = components['schemas']['InvitationRead']

/** Who was asked by e-mail to work here and has not answered yet. */
export function Invitations() {
  const { t } = useTranslation(['proofs', 'identity'])
  const { near } = useFormats()
  const now = useNow()
  // The address holds which user is open: of this smaller list it keeps nothing.
  const [at, setAt] = useState<DirectoryPlace>({ show: 'active', skip: 0, open: '' })
  const list = $api.useQuery('get', '/api/invitations', { params: { query: { skip: at.skip, limit: directoryPage } } })
  const revoke = $api.useMutation('delete', '/api/invitations/{invitation_id}')
  const mayChange = can('user.manage')
  const where = ({ facility_name }: Invitation) => facility_name ?? t('identity:users.everywhere')
  const columns: Column<Invitation>[] = [
    { id: 'email', head: t('identity:users.email'), skeleton: 160, cell: (one) => <b>{one.email}</b> },
    { id: 'role', head: t('identity:users.role'), cell: (one) => <>{t(`identity:role.${one.role}`)} <span className="dim2">{where(one)}</span></>, onNarrow: 'hide' },
    { id: 'until', head: t('invitations.until'), cell: (one) => <span className="num">{one.status === 'expired' ? t('invitations.expired') : near(one.expires_at, now)}</span> },
  ]
  return (
    <Directory
      at={at}
      onGo={(change) => setAt((before) => ({ ...before, ...change }))}
      withInactive={false}
      title={t('invitations.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ email }) => email}
      add={mayChange ? t('invitations.add') : undefined}
      empty={<EmptyState title={t('invitations.none')} why={t('invitations.noneWhy')} />}
      form={(row, done, close) =>
        row ? <InvitationCard invitation={row} where={where(row)} onSent={() => done(true)} /> : <NewInvitation onMade={() => done()} onClose={close} />
      }
      ending={
        mayChange
          ? {
              title: t('invitations.revokeTitle'),
              action: (email) => t('invitations.revoke', { email }),
              restate: t('invitations.revokeWhy'),
              done: (email) => t('invitations.revoked', { email }),
              end: ({ id: invitation_id }) => revoke.mutateAsync({ params: { path: { invitation_id } } }),
            }
          : undefined
      }
    />
  )
}

function InvitationCard({ invitation, where, onSent }: { invitation: Invitation; where: string; onSent: () => void }) {
  const { t } = useTranslation(['proofs', 'identity'])
  const { near } = useFormats()
  const now = useNow()
  const resend = $api.useMutation('post', '/api/invitations/{invitation_id}/resend')
  const send = async () => {
    await resend.mutateAsync({ params: { path: { invitation_id: invitation.id } } })
    toast({ title: t('invitations.resent'), detail: invitation.email })
    onSent()
  }
  return (
    <Panel title={invitation.email}>
      <PanelBody>
        <Facts
          items={[
            [t('identity:users.role'), t(`identity:role.${invitation.role}`)],
            [t('identity:users.where'), where],
            [t('invitations.sent'), invitation.sent_at ? near(invitation.sent_at, now) : t('invitations.onItsWay')],
          ]}
        />
        {can('user.manage') && (
          <Button variant="default" style={{ justifySelf: 'start' }} loading={resend.isPending} onClick={() => void send()}>
            {t('invitations.resend')}
          </Button>
        )}
      </PanelBody>
    </Panel>
  )
}

function NewInvitation({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { t } = useTranslation(['proofs', 'identity'])
  const facilities = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  const add = $api.useMutation('post', '/api/invitations')
  const form = useForm({
    initialValues: { email: '', role: 'receptionist', facility_id: null as string | null },
    validate: { email: (value) => (/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(value.trim()) ? null : t('email.shape')) },
  })
  return (
    <SideForm
      title={t('invitations.add')}
      form={form}
      action={t('invitations.send')}
      about={{ already_invited: 'email' }}
      onClose={onClose}
      send={async ({ email, role, facility_id }, headers) => {
        const made = await add.mutateAsync({ body: { email: email.trim(), role: asRole(role), facility_id }, headers })
        toast({ title: t('invitations.made'), detail: made.email })
        onMade()
      }}
    >
      <TextInput label={t('identity:users.email')} type="email" autoFocus {...form.getInputProps('email')} />
      <Select label={t('identity:users.role')} allowDeselect={false} data={grantedRoles.map((value) => ({ value, label: t(`identity:role.${value}`) }))} {...form.getInputProps('role')} />
      <Select label={t('identity:users.where')} placeholder={t('identity:users.everywhere')} clearable data={(facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps('facility_id')} />
    </SideForm>
  )
}
