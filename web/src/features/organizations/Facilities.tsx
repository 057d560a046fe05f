import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { zoneNames } from '~/lib/zoneNames'
import { EmptyState, FieldRow, Optional, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'

type Facility = components['schemas']['FacilityRead']

/** The hospital's branches. */
export function Facilities(place: DirectoryProps) {
  const { t } = useTranslation('organizations')
  const { phone } = useFormats()
  const list = $api.useQuery('get', '/api/facilities', { params: { query: directoryQuery(place.at) } })
  const end = $api.useMutation('delete', '/api/facilities/{facility_id}')
  const bring = $api.useMutation('post', '/api/facilities/{facility_id}/reactivate')
  const mayChange = can('organization.manage')
  const of = ({ id: facility_id }: Facility) => ({ params: { path: { facility_id } } })

  const columns: Column<Facility>[] = [
    { id: 'name', head: t('name'), cell: ({ name, city }) => <><b>{name}</b> <span className="dim2">{city}</span></> },
    { id: 'code', head: t('facilities.code'), cell: ({ code }) => <span className="num">{code}</span>, width: 90, skeleton: 40 },
    { id: 'phone', head: t('facilities.phone'), cell: (one) => <span className="num">{one.phone && phone(one.phone)}</span>, onNarrow: 'hide' },
    { id: 'zone', head: t('facilities.zone'), cell: ({ time_zone }) => time_zone, onNarrow: 'hide' },
  ]
  return (
    <Directory
      {...place}
      title={t('facilities.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      add={mayChange ? t('facilities.add') : undefined}
      empty={<EmptyState title={t('facilities.none')} />}
      form={(row, done, close) => <FacilityForm facility={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? {
              title: t('facilities.endTitle'),
              action: (name) => t('end', { name }),
              restate: t('facilities.endWhy'),
              done: (name) => t('ended', { name }),
              end: (row) => end.mutateAsync(of(row)),
            }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}

const blank = { name: '', code: '', phone: '', address_line: '', city: '', state: '', postal_code: '', time_zone: '', gstin: '', upi_vpa: '' }
const valuesOf = (facility: Facility | null, zone: string) => ({
  ...(Object.fromEntries(Object.keys(blank).map((name) => [name, facility?.[name as keyof typeof blank] ?? ''])) as typeof blank),
  time_zone: facility?.time_zone ?? zone,
})

function FacilityForm({ facility, onDone, onClose }: { facility: Facility | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('organizations')
  const { organization } = useMe()
  const [version] = useState(facility?.version)
  const [zones] = useState(zoneNames)
  const add = $api.useMutation('post', '/api/facilities')
  const change = $api.useMutation('patch', '/api/facilities/{facility_id}')
  const form = useForm({
    initialValues: valuesOf(facility, organization?.time_zone ?? 'Asia/Kolkata'),
    validate: {
      name: (value) => (value.trim() ? null : t('needed')),
      code: (value) => (/^[A-Z0-9][A-Z0-9-]{0,9}$/.test(value.trim()) ? null : t('facilities.codeShape')),
      upi_vpa: (value) => (!value.trim() || /^[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}$/.test(value.trim()) ? null : t('facilities.upiShape')),
      gstin: (value) => (!value.trim() || /^\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]$/.test(value.trim()) ? null : t('facilities.gstinShape')),
    },
  })
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const body = {
      name: values.name.trim(), code: values.code.trim(), time_zone: values.time_zone, phone: orNull(values.phone),
      address_line: orNull(values.address_line), city: orNull(values.city), state: orNull(values.state), postal_code: orNull(values.postal_code),
      gstin: orNull(values.gstin), upi_vpa: orNull(values.upi_vpa),
    }
    if (facility) await change.mutateAsync({ params: { path: { facility_id: facility.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body, headers })
    toast({ title: t('saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={facility?.name ?? t('facilities.add')}
      form={form}
      action={can('organization.manage') && facility?.is_active !== false ? t(facility ? 'save' : 'facilities.add') : undefined}
      send={send}
      about={{ code_taken: 'code' }}
      onClose={onClose}
    >
      <TextInput label={t('name')} autoFocus={!facility} {...form.getInputProps('name')} />
      <FieldRow>
        <TextInput label={t('facilities.code')} description={t('facilities.codeHint')} spellCheck={false} {...form.getInputProps('code')} />
        <TextInput label={<Optional>{t('facilities.phone')}</Optional>} type="tel" {...form.getInputProps('phone')} />
      </FieldRow>
      <TextInput label={<Optional>{t('facilities.address')}</Optional>} {...form.getInputProps('address_line')} />
      <FieldRow>
        <TextInput label={<Optional>{t('facilities.city')}</Optional>} {...form.getInputProps('city')} />
        <TextInput label={<Optional>{t('facilities.state')}</Optional>} {...form.getInputProps('state')} />
      </FieldRow>
      <FieldRow>
        <TextInput label={<Optional>{t('facilities.postalCode')}</Optional>} {...form.getInputProps('postal_code')} />
        <Select label={t('facilities.zone')} data={zones} searchable allowDeselect={false} {...form.getInputProps('time_zone')} />
      </FieldRow>
      <TextInput label={<Optional>{t('facilities.upi')}</Optional>} description={t('facilities.upiHint')} spellCheck={false} {...form.getInputProps('upi_vpa')} />
      <TextInput label={<Optional>{t('facilities.gstin')}</Optional>} spellCheck={false} {...form.getInputProps('gstin')} />
    </SideForm>
  )
}
