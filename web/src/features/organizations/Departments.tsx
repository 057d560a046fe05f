import { TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can } from '~/lib/session'
import { EmptyState, Optional, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'

type Department = components['schemas']['DepartmentRead']

/** What the hospital is divided into. */
export function Departments(place: DirectoryProps) {
  const { t } = useTranslation('organizations')
  const list = $api.useQuery('get', '/api/departments', { params: { query: directoryQuery(place.at) } })
  const end = $api.useMutation('delete', '/api/departments/{department_id}')
  const bring = $api.useMutation('post', '/api/departments/{department_id}/reactivate')
  const mayChange = can('organization.manage')
  const of = ({ id: department_id }: Department) => ({ params: { path: { department_id } } })

  const columns: Column<Department>[] = [
    { id: 'name', head: t('name'), cell: ({ name }) => <b>{name}</b> },
    { id: 'hindi', head: t('nameHindi'), cell: ({ name_hi }) => <span lang="hi">{name_hi}</span>, onNarrow: 'hide' },
  ]
  return (
    <Directory
      {...place}
      title={t('departments.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      add={mayChange ? t('departments.add') : undefined}
      empty={<EmptyState title={t('departments.none')} why={t('departments.noneWhy')} />}
      form={(row, done, close) => <DepartmentForm department={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? {
              title: t('departments.endTitle'),
              action: (name) => t('end', { name }),
              restate: t('departments.endWhy'),
              done: (name) => t('ended', { name }),
              end: (row) => end.mutateAsync(of(row)),
            }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}

function DepartmentForm({ department, onDone, onClose }: { department: Department | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('organizations')
  const add = $api.useMutation('post', '/api/departments')
  const change = $api.useMutation('patch', '/api/departments/{department_id}')
  const form = useForm({
    initialValues: { name: department?.name ?? '', name_hi: department?.name_hi ?? '', version: department?.version },
    validate: { name: (value) => (value.trim() ? null : t('needed')) },
  })
  const send = async ({ version, ...values }: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    const body = { name: values.name.trim(), name_hi: orNull(values.name_hi) }
    if (department) await change.mutateAsync({ params: { path: { department_id: department.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body, headers })
    toast({ title: t('saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={department?.name ?? t('departments.add')}
      form={form}
      action={can('organization.manage') && department?.is_active !== false ? t(department ? 'save' : 'departments.add') : undefined}
      send={send}
      about={{ name_taken: 'name' }}
      onClose={onClose}
    >
      <TextInput label={t('name')} autoFocus={!department} {...form.getInputProps('name')} />
      <TextInput label={<Optional>{t('nameHindi')}</Optional>} lang="hi" {...form.getInputProps('name_hi')} />
    </SideForm>
  )
}
