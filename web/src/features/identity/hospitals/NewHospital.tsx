import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { zoneNames } from '~/lib/zoneNames'
import { FieldRow, toast } from '~/ui'
import { SideForm } from '~/ui/directory'

/** A hospital, its first branch and the administrator who does the rest. */
export function NewHospital({ onMade, onClose }: { onMade: (name: string, oneTimePassword: string) => void; onClose: () => void }) {
  const { t } = useTranslation('identity')
  const [zones] = useState(zoneNames)
  const add = $api.useMutation('post', '/api/hospitals')
  const needed = (value: string) => (value.trim() ? null : t('setup.missing'))
  const form = useForm({
    initialValues: { name: '', code: '', facility_name: '', time_zone: 'Asia/Kolkata', language: 'en', admin_name: '', admin_username: '' },
    validate: {
      name: needed,
      code: (value) => (/^[A-Z][A-Z0-9]{1,7}$/.test(value.trim()) ? null : t('setup.codeShape')),
      facility_name: needed,
      admin_name: needed,
      admin_username: (value) => (/^[A-Za-z][A-Za-z0-9._-]{1,39}$/.test(value.trim()) ? null : t('setup.usernameShape')),
    },
  })
  return (
    <SideForm
      title={t('hospitals.add')}
      form={form}
      action={t('hospitals.add')}
      about={{ code_taken: 'code', username_taken: 'admin_username' }}
      onClose={onClose}
      send={async ({ language, ...values }, headers) => {
        const made = await add.mutateAsync({ body: { ...values, language: language === 'hi' ? 'hi' : 'en' }, headers })
        toast({ title: t('hospitals.added', { name: made.name }) })
        onMade(`${made.name}: ${values.admin_name}, ${values.admin_username}`, made.one_time_password)
      }}
    >
      <TextInput label={t('setup.hospital')} autoFocus {...form.getInputProps('name')} />
      <FieldRow>
        <TextInput label={t('setup.hospitalCode')} spellCheck={false} {...form.getInputProps('code')} />
        <Select label={t('hospitals.language')} allowDeselect={false} data={[{ value: 'en', label: 'English' }, { value: 'hi', label: 'हिन्दी' }]} {...form.getInputProps('language')} />
      </FieldRow>
      <TextInput label={t('setup.facility')} {...form.getInputProps('facility_name')} />
      <Select label={t('setup.timezone')} data={zones} searchable allowDeselect={false} {...form.getInputProps('time_zone')} />
      <FieldRow>
        <TextInput label={t('hospitals.adminName')} {...form.getInputProps('admin_name')} />
        <TextInput label={t('hospitals.adminUsername')} autoCapitalize="none" spellCheck={false} {...form.getInputProps('admin_username')} />
      </FieldRow>
    </SideForm>
  )
}
