import { Checkbox, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can } from '~/lib/session'
import { Notice, Optional, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import type { CustomRole } from './Roles'
import styles from './Roles.module.css'

type Permission = components['schemas']['Permission']
type Props = { role: CustomRole | null; permissions: components['schemas']['RolePermission'][]; onDone: () => void; onClose: () => void }

/** A role of the hospital's own: its name in one or two languages, and what it may. */
export function RoleForm({ role, permissions, onDone, onClose }: Props) {
  const { t } = useTranslation(['identity', 'roles'])
  const add = $api.useMutation('post', '/api/roles')
  const change = $api.useMutation('patch', '/api/roles/{custom_role_id}')
  const form = useForm({
    initialValues: { name: role?.name ?? '', name_hi: role?.name_hi ?? '', permissions: role?.permissions ?? [] },
    validate: { name: (value) => (value.trim() ? null : t('setup.missing')) },
  })
  const mayChange = can('user.manage') && role?.is_active !== false
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const body = { name: values.name.trim(), name_hi: orNull(values.name_hi), permissions: values.permissions as Permission[] }
    if (role) await change.mutateAsync({ params: { path: { custom_role_id: role.id }, header: ifMatch(role.version) }, body })
    else await add.mutateAsync({ body, headers })
    toast({ title: t('roles:saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={role?.name ?? t('roles:add')}
      form={form}
      action={mayChange ? t(role ? 'roles:save' : 'roles:add') : undefined}
      send={send}
      about={{ role_name_taken: 'name' }}
      onClose={onClose}
    >
      {role && <p className="dim2">{t('roles:holders', { count: role.holders_count })}</p>}
      <TextInput label={t('roles:name')} autoFocus={!role} {...form.getInputProps('name')} />
      <TextInput label={<Optional>{t('roles:nameHindi')}</Optional>} lang="hi" {...form.getInputProps('name_hi')} />
      <Checkbox.Group label={t('roles:choose')} description={t('roles:always')} {...form.getInputProps('permissions')}>
        <div className={styles.choices}>
          {permissions.filter(({ in_own_roles }) => in_own_roles === 'may').map(({ code }) => (
            <Checkbox key={code} value={code} label={t(`roles:permission.${code}`)} disabled={!mayChange} />
          ))}
        </div>
      </Checkbox.Group>
      <Notice tone="neutral">{t('roles:never')}</Notice>
    </SideForm>
  )
}
