import { Checkbox, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can, readMe } from '~/lib/session'
import { zoneNames } from '~/lib/zoneNames'
import { ErrorState, Facts, toast } from '~/ui'
import { SideForm } from '~/ui/directory'

type Organization = components['schemas']['OrganizationRead']

/** The hospital itself: its name, its language, whether patients register themselves. */
export function TheHospital() {
  const hospital = $api.useQuery('get', '/api/organization')
  if (hospital.error && !hospital.data) return <ErrorState error={hospital.error} onRetry={() => void hospital.refetch()} />
  return hospital.data ? <HospitalForm hospital={hospital.data} onDone={() => void hospital.refetch()} /> : null
}

function HospitalForm({ hospital, onDone }: { hospital: Organization; onDone: () => void }) {
  const { t } = useTranslation('organizations')
  const [zones] = useState(zoneNames)
  const change = $api.useMutation('patch', '/api/organization')
  const form = useForm({
    initialValues: {
      name: hospital.name,
      language: hospital.language,
      time_zone: hospital.time_zone,
      is_open_to_registration: hospital.is_open_to_registration,
    },
    validate: { name: (value) => (value.trim() ? null : t('needed')) },
  })
  const send = async ({ language, ...values }: typeof form.values) => {
    await change.mutateAsync({ params: { header: ifMatch(hospital.version) }, body: { ...values, language: language === 'hi' ? 'hi' : 'en' } })
    toast({ title: t('saved', { name: values.name }) })
    await readMe()
    onDone()
  }
  return (
    <SideForm title={t('hospital.title')} form={form} action={can('organization.manage') ? t('save') : undefined} send={send}>
      <TextInput label={t('name')} {...form.getInputProps('name')} />
      <Select
        label={t('hospital.language')}
        description={t('hospital.languageHint')}
        allowDeselect={false}
        data={[{ value: 'en', label: 'English' }, { value: 'hi', label: 'हिन्दी' }]}
        {...form.getInputProps('language')}
      />
      <Select label={t('facilities.zone')} data={zones} searchable allowDeselect={false} {...form.getInputProps('time_zone')} />
      <Checkbox
        label={t('hospital.open')}
        description={t('hospital.openHint')}
        {...form.getInputProps('is_open_to_registration', { type: 'checkbox' })}
      />
      <Facts items={[[t('hospital.code'), <span className="num" key="code">{hospital.code}</span>]]} />
    </SideForm>
  )
}
