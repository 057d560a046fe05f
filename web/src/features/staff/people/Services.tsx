import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, FieldRow, Optional, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'
import { paiseOf, rupeesTyped, type Practitioner } from './practitionerForm'
import { useChoices } from './useChoices'

/** What is booked and is no doctor: X-ray, dressing, physiotherapy. */
export function Services(place: DirectoryProps) {
  const { t } = useTranslation('people')
  const { rupees } = useFormats()
  const list = $api.useQuery('get', '/api/practitioners', { params: { query: { ...directoryQuery(place.at), kind: 'service' } } })
  const end = $api.useMutation('delete', '/api/practitioners/{practitioner_id}')
  const bring = $api.useMutation('post', '/api/practitioners/{practitioner_id}/reactivate')
  const mayChange = can('practitioner.manage')
  const of = ({ id: practitioner_id }: Practitioner) => ({ params: { path: { practitioner_id } } })

  const columns: Column<Practitioner>[] = [
    { id: 'name', head: t('name'), skeleton: 160, cell: ({ name }) => <b>{name}</b> },
    { id: 'department', head: t('department'), cell: ({ department_name }) => department_name, onNarrow: 'hide' },
    { id: 'minutes', head: t('services.minutes'), align: 'end', cell: ({ visit_minutes }) => visit_minutes, width: 90, onNarrow: 'hide' },
    { id: 'fee', head: t('fee'), align: 'end', cell: ({ consultation_fee_paise }) => rupees(consultation_fee_paise), width: 90 },
  ]
  return (
    <Directory
      {...place}
      title={t('services.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      add={mayChange ? t('services.add') : undefined}
      empty={<EmptyState title={t('services.none')} why={t('services.noneWhy')} />}
      form={(row, done, close) => <ServiceForm service={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? { title: t('services.endTitle'), action: (name) => t('end', { name }), restate: t('services.endWhy'), done: (name) => t('ended', { name }), end: (row) => end.mutateAsync(of(row)) }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}

const asFacilities = (service: Practitioner) => service.facilities.map(({ facility_id }) => facility_id)

function ServiceForm({ service, onDone, onClose }: { service: Practitioner | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('people')
  const { departments, facilities } = useChoices()
  const [version] = useState(service?.version)
  const add = $api.useMutation('post', '/api/practitioners')
  const change = $api.useMutation('patch', '/api/practitioners/{practitioner_id}')
  const form = useForm({
    initialValues: {
      name: service?.name ?? '', department_id: service?.department_id ?? null, fee: service ? rupeesTyped(service.consultation_fee_paise) : '',
      minutes: (service?.visit_minutes ?? (service ? '' : 15)) as number | string, facilities: service ? asFacilities(service) : null,
    },
    validate: {
      name: (value) => (value.trim() ? null : t('needed')),
      fee: (value) => (paiseOf(value) === null ? t('feeShape') : null),
    },
  })
  // a hospital with one branch need not be asked where
  const where = form.values.facilities ?? facilities.slice(0, 1).map(({ value }) => value)
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const body = {
      name: values.name.trim(), department_id: values.department_id, consultation_fee_paise: paiseOf(values.fee) ?? 0,
      visit_minutes: values.minutes === '' ? null : Number(values.minutes),
      facilities: where.map((facility_id) => ({ facility_id })),
    }
    if (service) await change.mutateAsync({ params: { path: { practitioner_id: service.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body: { ...body, kind: 'service' }, headers })
    toast({ title: t('saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={service?.name ?? t('services.add')}
      form={form}
      action={can('practitioner.manage') && service?.is_active !== false ? t(service ? 'save' : 'services.add') : undefined}
      send={send}
      onClose={onClose}
    >
      <TextInput label={t('name')} description={t('services.nameHint')} autoFocus={!service} maxLength={120} {...form.getInputProps('name')} />
      <Select label={<Optional>{t('department')}</Optional>} data={departments} searchable clearable {...form.getInputProps('department_id')} />
      <FieldRow>
        <TextInput label={t('fee')} inputMode="decimal" leftSection="₹" {...form.getInputProps('fee')} />
        <NumberInput label={<Optional>{t('services.minutes')}</Optional>} min={5} max={240} hideControls {...form.getInputProps('minutes')} />
      </FieldRow>
      <MultiSelect label={t('services.branches')} data={facilities} {...form.getInputProps('facilities')} value={where} />
      {!service && <p className="dim2">{t('services.next')}</p>}
    </SideForm>
  )
}
