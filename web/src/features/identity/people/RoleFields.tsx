import { Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { FieldRow, Optional } from '~/ui'
import { useRoleWord } from '../roleWord'
import { grantedRoles, ownRoleChoice, type NewRole } from './roles'

/** A role, at which branch, until when. */
export function RoleFields({ inputProps }: { inputProps: (name: keyof NewRole) => ReturnType<UseFormReturnType<NewRole>['getInputProps']> }) {
  const { t } = useTranslation('identity')
  const facilities = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  const page = $api.useQuery('get', '/api/roles')
  const word = useRoleWord()
  const choices = [
    ...grantedRoles.map((value) => ({ value: value as string, label: t(`role.${value}`) })),
    ...(page.data?.own ?? []).filter(({ is_active }) => is_active).map((own) => ({ value: ownRoleChoice(own.id), label: word({ role: null, custom_role: own }) })),
  ]
  return (
    <>
      <Select label={t('users.role')} allowDeselect={false} data={choices} {...inputProps('role')} />
      <FieldRow>
        <Select label={t('users.where')} placeholder={t('users.everywhere')} clearable data={(facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} {...inputProps('facility_id')} />
        <TextInput type="date" label={<Optional>{t('users.until')}</Optional>} {...inputProps('until')} />
      </FieldRow>
    </>
  )
}
