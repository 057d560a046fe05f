import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can } from '~/lib/session'
import { useSettled } from '~/lib/useSettled'
import { EmptyState, FieldRow, Optional, SearchBox, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'
import { useChoices } from './useChoices'

type StaffMember = components['schemas']['StaffMemberRead']
const shifts = ['general', 'morning', 'evening', 'night'] as const
type Shift = (typeof shifts)[number]

/** Everybody who works here and is no doctor. */
export function StaffMembers(place: DirectoryProps) {
  const { t } = useTranslation('people')
  const [search, setSearch] = useState('')
  const wanted = useSettled(search.trim())
  const list = $api.useQuery('get', '/api/staff', { params: { query: { ...directoryQuery(place.at), ...(wanted ? { search: wanted } : {}) } } })
  const end = $api.useMutation('delete', '/api/staff/{staff_id}')
  const bring = $api.useMutation('post', '/api/staff/{staff_id}/reactivate')
  const mayChange = can('staff.manage')
  const of = ({ id: staff_id }: StaffMember) => ({ params: { path: { staff_id } } })

  const columns: Column<StaffMember>[] = [
    { id: 'name', head: t('name'), skeleton: 160, cell: ({ name, designation }) => <><b>{name}</b> <span className="dim2">{designation}</span></> },
    { id: 'number', head: t('number'), cell: ({ employee_number }) => <span className="num">{employee_number}</span>, onNarrow: 'hide' },
    { id: 'department', head: t('department'), cell: ({ department_name }) => department_name, onNarrow: 'hide' },
    { id: 'facility', head: t('branch'), cell: ({ facility_name }) => facility_name, onNarrow: 'hide' },
    { id: 'shift', head: t('shift.label'), cell: ({ shift }) => t(`shift.${shift}`), width: 90 },
  ]
  return (
    <Directory
      {...place}
      title={t('staff.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      tools={<SearchBox label={t('find')} value={search} onChange={setSearch} />}
      add={mayChange ? t('staff.add') : undefined}
      empty={wanted ? <EmptyState title={t('nobody')} why={t('nobodyWhy')} /> : <EmptyState title={t('staff.none')} why={t('staff.noneWhy')} />}
      form={(row, done, close) => <StaffForm member={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? { title: t('staff.endTitle'), action: (name) => t('end', { name }), restate: t('staff.endWhy'), done: (name) => t('ended', { name }), end: (row) => end.mutateAsync(of(row)) }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}

function StaffForm({ member, onDone, onClose }: { member: StaffMember | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('people')
  const { departments, facilities } = useChoices()
  const [version] = useState(member?.version)
  const add = $api.useMutation('post', '/api/staff')
  const change = $api.useMutation('patch', '/api/staff/{staff_id}')
  const needed = (value: string) => (value.trim() ? null : t('needed'))
  const form = useForm({
    initialValues: {
      name: member?.name ?? '', designation: member?.designation ?? '', employee_number: member?.employee_number ?? '',
      department_id: member?.department_id ?? null, facility_id: member?.facility_id ?? null, shift: member?.shift ?? 'general',
      salary_grade: member?.salary_grade ?? '', joined_on: member?.joined_on ?? '', left_on: member?.left_on ?? '',
      phone: member?.phone ?? '', email: member?.email ?? '',
    },
    validate: { name: needed, designation: needed },
  })
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const shift: Shift = shifts.find((one) => one === values.shift) ?? 'general'
    const body = {
      name: values.name.trim(), designation: values.designation.trim(), employee_number: orNull(values.employee_number),
      department_id: values.department_id, facility_id: values.facility_id, shift, salary_grade: orNull(values.salary_grade),
      joined_on: orNull(values.joined_on), left_on: orNull(values.left_on), phone: orNull(values.phone), email: orNull(values.email),
    }
    if (member) await change.mutateAsync({ params: { path: { staff_id: member.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body, headers })
    toast({ title: t('saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={member?.name ?? t('staff.add')}
      form={form}
      action={can('staff.manage') && member?.is_active !== false ? t(member ? 'save' : 'staff.add') : undefined}
      send={send}
      about={{ employee_number_taken: 'employee_number' }}
      onClose={onClose}
    >
      <TextInput label={t('name')} autoFocus={!member} {...form.getInputProps('name')} />
      <FieldRow>
        <TextInput label={t('designation')} {...form.getInputProps('designation')} />
        <TextInput label={<Optional>{t('number')}</Optional>} spellCheck={false} {...form.getInputProps('employee_number')} />
      </FieldRow>
      <FieldRow>
        <Select label={<Optional>{t('department')}</Optional>} data={departments} searchable clearable {...form.getInputProps('department_id')} />
        <Select label={<Optional>{t('branch')}</Optional>} data={facilities} clearable {...form.getInputProps('facility_id')} />
      </FieldRow>
      <FieldRow>
        <Select label={t('shift.label')} allowDeselect={false} data={shifts.map((value) => ({ value, label: t(`shift.${value}`) }))} {...form.getInputProps('shift')} />
        <TextInput label={<Optional>{t('grade')}</Optional>} {...form.getInputProps('salary_grade')} />
      </FieldRow>
      <FieldRow>
        <TextInput type="date" label={<Optional>{t('joined')}</Optional>} {...form.getInputProps('joined_on')} />
        <TextInput type="date" label={<Optional>{t('left')}</Optional>} {...form.getInputProps('left_on')} />
      </FieldRow>
      <FieldRow>
        <TextInput label={<Optional>{t('phone')}</Optional>} type="tel" {...form.getInputProps('phone')} />
        <TextInput label={<Optional>{t('email')}</Optional>} type="email" {...form.getInputProps('email')} />
      </FieldRow>
    </SideForm>
  )
}
