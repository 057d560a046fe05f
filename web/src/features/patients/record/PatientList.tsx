import { Select } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useSettled } from '~/lib/useSettled'
import { DataTable, EmptyState, Flag, Panel, SearchBox, SegmentedFilter, type Column } from '~/ui'
import { ageSex } from '~/lib/ageSex'
import { medicoLegal } from '~/lib/medicoLegal'
import { genders } from '../GenderChoice'
import { Merged } from '../Merged'
import type { PatientRow } from '../queries'
import styles from './PatientList.module.css'
import { PatientListTools } from './PatientListTools'

type Wanted = components['schemas']['SearchPatients']
export type PatientsPlace = { gender: string; blood: string; show: string; skip: number }
type Props = { at: PatientsPlace; onGo: (change: Partial<PatientsPlace>) => void; onOpen: (id: string) => void; onImport: () => void }

const limit = 25
const bloodGroups = ['A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-'] as const

/** Everyone registered here. What is typed stays out of the address; the filters are in it. */
export function PatientList({ at, onGo, onOpen, onImport }: Props) {
  const [chosenId, setChosenId] = useState<string | null>(null)
  const { t } = useTranslation('patients')
  const { phone, date } = useFormats()
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim())
  const body: Wanted = {
    search,
    gender: genders.find((one) => one === at.gender) ?? null,
    blood_group: bloodGroups.find((one) => one === at.blood) ?? null,
    all: false,
    is_active: at.show !== 'closed',
    skip: at.skip,
    limit,
  }
  const list = $api.useQuery('post', '/api/patients/search', { body }, { placeholderData: keepPreviousData })
  const columns: Column<PatientRow>[] = [
    { id: 'name', head: t('form.name'), skeleton: 160, cell: (row) => <><b>{row.name}</b> <span className="dim2">{ageSex(row, t)}</span><Flag of={medicoLegal(row, t)} /><Merged of={row} /></> },
    { id: 'mrn', head: t('list.mrn'), cell: ({ mrn }) => <span className="num">{mrn}</span> },
    { id: 'phone', head: t('form.phone'), onNarrow: 'hide', cell: (row) => row.phone && <span className="num">{phone(row.phone)}</span> },
    { id: 'blood', head: t('form.blood_group'), onNarrow: 'hide', cell: ({ blood_group }) => blood_group },
    { id: 'seen', head: t('list.lastVisit'), onNarrow: 'hide', cell: ({ last_visit }) => last_visit && <span className="num">{date(last_visit.at)}</span> },
  ]
  const find = (text: string) => {
    setTyped(text)
    if (at.skip) onGo({ skip: 0 })
  }
  return (
    <Panel title={t('list.title')} note={list.data && t('list.count', { count: list.data.total })} right={<PatientListTools wanted={body} onImport={onImport} />}>
      <div className={styles.filters}>
        <SearchBox label={t('list.find')} value={typed} onChange={find} />
        <Select
          aria-label={t('form.gender')} placeholder={t('form.gender')} clearable w={130} value={body.gender ?? null}
          data={genders.map((value) => ({ value, label: t(`form.genders.${value}`) }))} onChange={(gender) => onGo({ gender: gender ?? '', skip: 0 })}
        />
        <Select
          aria-label={t('form.blood_group')} placeholder={t('form.blood_group')} clearable w={150} value={body.blood_group ?? null}
          data={[...bloodGroups]} onChange={(blood) => onGo({ blood: blood ?? '', skip: 0 })}
        />
        <SegmentedFilter
          label={t('list.show')} value={at.show === 'closed' ? 'closed' : 'active'} onChange={(show) => onGo({ show, skip: 0 })}
          segments={[{ value: 'active', label: t('list.active') }, { value: 'closed', label: t('list.closed') }]}
        />
      </div>
      <DataTable
        label={t('list.title')} list={list} columns={columns} idOf={({ id }) => id} chosenId={chosenId} onChoose={({ id }) => setChosenId(id)} onOpen={({ id }) => onOpen(id)} takesArrows action={({ id }) => ({ label: t('list.open'), of: id === chosenId ? 'open' : undefined, onPress: () => onOpen(id) })}
        empty={<EmptyState title={t('family.nobody')} why={t('list.nobodyWhy')} />}
        paging={{ skip: at.skip, limit, onSkip: (skip) => onGo({ skip }) }}
      />
    </Panel>
  )
}
