import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, SearchBox, type Column } from '~/ui'
import { Directory, directoryQuery, type DirectoryProps } from '~/ui/directory'
import type { Practitioner } from './practitionerForm'
import { PractitionerForm } from './PractitionerForm'
import { useSettled } from '~/lib/useSettled'

/** The doctors: who they are, where they sit, what a visit costs. */
export function Practitioners(place: DirectoryProps) {
  const { t } = useTranslation('people')
  const { rupees } = useFormats()
  const [search, setSearch] = useState('')
  const wanted = useSettled(search.trim())
  const list = $api.useQuery('get', '/api/practitioners', { params: { query: { ...directoryQuery(place.at), kind: 'practitioner', ...(wanted ? { search: wanted } : {}) } } })
  const end = $api.useMutation('delete', '/api/practitioners/{practitioner_id}')
  const bring = $api.useMutation('post', '/api/practitioners/{practitioner_id}/reactivate')
  const mayChange = can('practitioner.manage')
  const of = ({ id: practitioner_id }: Practitioner) => ({ params: { path: { practitioner_id } } })

  const columns: Column<Practitioner>[] = [
    { id: 'name', head: t('name'), skeleton: 160, cell: ({ title, name, specialty, department_name }) => <><b>{`${title} ${name}`.trim()}</b> {specialty !== department_name && <span className="dim2">{specialty}</span>}</> },
    { id: 'department', head: t('department'), cell: ({ department_name }) => department_name, onNarrow: 'hide' },
    { id: 'registration', head: t('registration'), cell: ({ registration_number }) => <span className="num">{registration_number}</span>, onNarrow: 'hide' },
    { id: 'fee', head: t('fee'), align: 'end', cell: ({ consultation_fee_paise }) => rupees(consultation_fee_paise), width: 90 },
  ]
  return (
    <Directory
      {...place}
      title={t('doctors.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ title, name }) => `${title} ${name}`.trim()}
      tools={<SearchBox label={t('find')} value={search} onChange={setSearch} />}
      add={mayChange ? t('doctors.add') : undefined}
      empty={wanted ? <EmptyState title={t('nobody')} why={t('nobodyWhy')} /> : <EmptyState title={t('doctors.none')} why={t('doctors.noneWhy')} />}
      form={(row, done, close) => <PractitionerForm practitioner={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? { title: t('doctors.endTitle'), action: (name) => t('end', { name }), restate: t('doctors.endWhy'), done: (name) => t('ended', { name }), end: (row) => end.mutateAsync(of(row)) }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}
