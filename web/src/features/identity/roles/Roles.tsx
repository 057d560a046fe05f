import { Button } from '@mantine/core'
import { Check, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useDelayed } from '~/lib/useDelayed'
import { ConfirmDialog, ErrorState, Panel, toast } from '~/ui'
import type { DirectoryProps } from '~/ui/directory'
import { useRoleWord } from '../roleWord'
import { RoleForm } from './RoleForm'
import styles from './Roles.module.css'

type RolePage = components['schemas']['RolePage']
export type CustomRole = components['schemas']['CustomRoleRead']

/** What every role may: the built-in ones as they are, the hospital's own to be changed. */
export function Roles({ at, onGo }: DirectoryProps) {
  const { t } = useTranslation(['identity', 'roles'])
  const page = $api.useQuery('get', '/api/roles')
  const end = $api.useMutation('delete', '/api/roles/{custom_role_id}')
  const bring = $api.useMutation('post', '/api/roles/{custom_role_id}/reactivate')
  const [ending, setEnding] = useState<CustomRole | null>(null)
  const isLate = useDelayed(page.isPending)
  const mayChange = can('user.manage')
  const open = page.data?.own.find(({ id }) => id === at.open) ?? null
  const isNew = at.open === 'new' && mayChange

  const of = ({ id: custom_role_id }: CustomRole) => ({ params: { path: { custom_role_id } } })
  const done = async () => {
    await page.refetch()
    onGo({ open: '' })
  }
  return (
    <div className={styles.columns} data-open={isNew || open !== null || undefined}>
      <Panel
        title={t('roles:title')}
        right={
          mayChange && (
            <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => onGo({ open: 'new' })}>
              {t('roles:add')}
            </Button>
          )
        }
      >
        <p className={styles.note}>{t('roles:note')}</p>
        {page.error ? (
          <ErrorState error={page.error} onRetry={() => void page.refetch()} />
        ) : page.data ? (
          <Matrix page={page.data} openId={at.open} onOpen={(role) => onGo({ open: role.id })} />
        ) : (
          isLate && <div className={styles.waiting} aria-hidden />
        )}
      </Panel>
      {(isNew || open) && page.data && (
        <div className={styles.side} key={open ? `${open.id}.${open.version}` : 'new'}>
          <RoleForm role={open} permissions={page.data.permissions} onDone={() => void done()} onClose={() => onGo({ open: '' })} />
          {open && mayChange && open.is_active && (
            <Button variant="subtle" color="red" className={styles.end} onClick={() => setEnding(open)}>
              {t('roles:end', { name: open.name })}
            </Button>
          )}
          {open && mayChange && !open.is_active && (
            <Button
              variant="default"
              className={styles.end}
              loading={bring.isPending}
              onClick={() => void bring.mutateAsync(of(open)).then(() => (toast({ title: t('roles:brought', { name: open.name }) }), done()))}
            >
              {t('roles:bring', { name: open.name })}
            </Button>
          )}
        </div>
      )}
      <ConfirmDialog
        opened={ending !== null}
        title={t('roles:endTitle')}
        restate={ending && <><b>{ending.name}</b><div>{t('roles:holders', { count: ending.holders_count })}</div><div>{t('roles:endWhy')}</div></>}
        action={ending ? t('roles:end', { name: ending.name }) : ''}
        onClose={() => setEnding(null)}
        onConfirm={async () => {
          if (!ending) return
          await end.mutateAsync(of(ending))
          toast({ title: t('roles:ended', { name: ending.name }) })
          await done()
        }}
      />
    </div>
  )
}

function Matrix({ page, openId, onOpen }: { page: RolePage; openId: string; onOpen: (role: CustomRole) => void }) {
  const { t } = useTranslation(['identity', 'roles'])
  const word = useRoleWord()
  // what no person of a hospital can hold (the platform's, a display's) would be an empty line
  const shown = page.permissions.filter(({ code, in_own_roles }) => in_own_roles !== 'never' || page.built_in.some(({ permissions }) => permissions.includes(code)))
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('roles:title')}>
      <table className={styles.matrix}>
        <thead>
          <tr>
            <th scope="col">{t('roles:may')}</th>
            {page.own.map((own) => (
              <th key={own.id} scope="col" data-own data-open={own.id === openId || undefined} data-off={!own.is_active || undefined}>
                <button type="button" onClick={() => onOpen(own)} aria-label={t('roles:open', { name: word({ role: null, custom_role: own }) })}>
                  {word({ role: null, custom_role: own })}
                </button>
                <small>{own.is_active ? t('roles:own') : t('roles:inactive')}</small>
              </th>
            ))}
            {page.built_in.map(({ role }) => (
              <th key={role} scope="col">{word({ role, custom_role: null })}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ code, in_own_roles }) => (
            <tr key={code}>
              <th scope="row">{t(`roles:permission.${code}`)}</th>
              {page.own.map((own) => (
                <Cell key={own.id} holds={in_own_roles === 'always' || own.permissions.includes(code)} own />
              ))}
              {page.built_in.map(({ role, permissions, own_only }) => (
                <Cell key={role} holds={permissions.includes(code)} onlyOwn={own_only} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell({ holds, onlyOwn = false, own = false }: { holds: boolean; onlyOwn?: boolean; own?: boolean }) {
  const { t } = useTranslation(['identity', 'roles'])
  return (
    <td data-own={own || undefined}>
      {!holds && <span className="vh">{t('roles:no')}</span>}
      {holds && onlyOwn && <span title={t('roles:ownOnly')}>{t('roles:ownOnlyMark')}</span>}
      {holds && !onlyOwn && (
        <>
          <Check size={15} strokeWidth={2} aria-hidden />
          <span className="vh">{t('roles:yes')}</span>
        </>
      )}
    </td>
  )
}
