import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Plus, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { orNull } from '~/lib/blank'
import { useFormats } from '~/lib/useFormats'
import { addDays, instantOf } from '~/lib/wallTime'
import { FieldRow, Optional, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import { RoleFields } from './RoleFields'
import { chosenRole, newRole, type NewRole } from './roles'
import styles from './Users.module.css'

/** A new sign-in: who, by what name, as what. */
export function NewUser({ onMade, onClose }: { onMade: (name: string, oneTimePassword: string) => void; onClose: () => void }) {
  const { t } = useTranslation('identity')
  const { timeZone } = useFormats()
  const add = $api.useMutation('post', '/api/users')
  const form = useForm({
    initialValues: { name: '', username: '', email: '', phone: '', memberships: [newRole()] },
    validate: {
      name: (value) => (value.trim() ? null : t('setup.missing')),
      username: (value) => (/^[A-Za-z][A-Za-z0-9._-]{1,39}$/.test(value.trim()) ? null : t('setup.usernameShape')),
    },
  })
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const made = await add.mutateAsync({
      body: {
        name: values.name.trim(), username: values.username.trim(), email: orNull(values.email), phone: orNull(values.phone),
        memberships: values.memberships.map((one) => membershipBody(one, timeZone)),
      },
      headers,
    })
    toast({ title: t('users.added', { name: made.name }) })
    onMade(`${made.name}, ${made.username}`, made.one_time_password)
  }
  return (
    <SideForm title={t('users.add')} form={form} action={t('users.add')} send={send} about={{ username_taken: 'username' }} onClose={onClose}>
      <TextInput label={t('users.name')} autoFocus {...form.getInputProps('name')} />
      <TextInput label={t('users.username')} autoCapitalize="none" spellCheck={false} {...form.getInputProps('username')} />
      <FieldRow>
        <TextInput label={<Optional>{t('users.email')}</Optional>} type="email" {...form.getInputProps('email')} />
        <TextInput label={<Optional>{t('users.phone')}</Optional>} type="tel" {...form.getInputProps('phone')} />
      </FieldRow>
      {form.values.memberships.map((_, at) => (
        <fieldset key={at} className={styles.role}>
          <legend>{t('users.roleNumber', { number: at + 1 })}</legend>
          <RoleFields inputProps={(name) => form.getInputProps(`memberships.${at}.${name}`)} />
          {form.values.memberships.length > 1 && (
            <ActionIcon size="sm" className={styles.remove} aria-label={t('users.removeRole', { number: at + 1 })} onClick={() => form.removeListItem('memberships', at)}>
              <X size={15} aria-hidden />
            </ActionIcon>
          )}
        </fieldset>
      ))}
      <Button variant="subtle" size="xs" leftSection={<Plus size={14} aria-hidden />} style={{ justifySelf: 'start' }} onClick={() => form.insertListItem('memberships', newRole())}>
        {t('users.anotherRole')}
      </Button>
    </SideForm>
  )
}

/** Until a day: through its last minute, in the hospital's zone. */
export const membershipBody = ({ role, facility_id, until }: NewRole, timeZone: string) => ({
  ...chosenRole(role),
  facility_id,
  valid_until: until ? instantOf(addDays(until, 1), '00:00', timeZone) : null,
})
