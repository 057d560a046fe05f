import { Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { FieldRow, Optional } from '~/ui'
import { grantedRoles, type NewRole } from './roles'

/** A role, at which branch, until when. */
export function RoleFields({ inputProps }: { inputProps: (name: keyof NewRole) => ReturnType<UseFormReturnType<NewRole>['getInputProps']> }) {
  const { t } = useTranslation('identity')
  const facilities = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  return (
    <>
      <Select label={t('users.role')} allowDeselect={false} data={grantedRoles.map((value) => ({ value, label: t(`role.${value}`) }))} {...inputProps('role')} />
      <FieldRow>
        <Select label={t('users.where')} placeholder={t('users.everywhere')} clearable data={(facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} {...inputProps('facility_id')} />
        <TextInput type="date" label={<Optional>{t('users.until')}</Optional>} {...inputProps('until')} />
      </FieldRow>
    </>
  )
}
