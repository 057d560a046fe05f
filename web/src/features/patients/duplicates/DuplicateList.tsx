import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { ageSex } from '~/lib/ageSex'
import { $api } from '~/lib/api'
import { medicoLegal } from '~/lib/medicoLegal'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { DataTable, EmptyState, Flag, Panel, SegmentedFilter, toast, type Column } from '~/ui'
import type { PatientRow } from '../queries'
import styles from './DuplicateList.module.css'

export type DuplicatesPlace = { show: string; skip: number }
type Pair = components['schemas']['DuplicateRead']
type Props = { at: DuplicatesPlace; onGo: (change: Partial<DuplicatesPlace>) => void; onCompare: (pair: Pair) => void }

const limit = 25

/** Records that may be one person's, the likeliest first: open a pair, compare, merge, or say that they are two. */
export function DuplicateList({ at, onGo, onCompare }: Props) {
  const { t } = useTranslation('patients')
  const words = useProblemText()
  const status = at.show === 'different' ? 'different' : 'open'
  const [chosenId, setChosenId] = useState<string | null>(null)
  const list = $api.useQuery('get', '/api/patients/duplicates', { params: { query: { status, skip: at.skip, limit } } }, { placeholderData: keepPreviousData })
  const reopen = $api.useMutation('post', '/api/patients/duplicates/{duplicate_id}/reopen')
  const takeBack = async ({ id }: Pair) => {
    try {
      await reopen.mutateAsync({ params: { path: { duplicate_id: id } } })
      toast({ title: t('duplicates.reopened') })
    } catch (error) {
      toast({ title: words(error) })
    }
    await list.refetch()
  }
  const columns: Column<Pair>[] = [
    { id: 'score', head: t('duplicates.score'), align: 'end', width: 70, cell: ({ score }) => <b>{score}</b>, skeleton: 24 },
    { id: 'both', head: t('duplicates.both'), skeleton: 220, cell: ({ first, second }) => <span className={styles.both}><Who row={first} /><Who row={second} /></span> },
    { id: 'why', head: t('duplicates.why'), onNarrow: 'hide', skeleton: 130, cell: ({ because }) => <span className={styles.why}>{because.map((one) => <span key={one}>{t(`duplicates.because.${one}`)}</span>)}</span> },
  ]
  return (
    <Panel title={t('duplicates.title')} note={list.data && t('duplicates.count', { count: list.data.total })}>
      <div className={styles.filters}>
        <SegmentedFilter
          label={t('duplicates.show')} value={status} onChange={(show) => onGo({ show, skip: 0 })}
          segments={[{ value: 'open', label: t('duplicates.open') }, { value: 'different', label: t('duplicates.different') }]}
        />
      </div>
      <DataTable
        label={t('duplicates.title')} list={list} columns={columns} idOf={({ id }) => id} chosenId={chosenId} onChoose={({ id }) => setChosenId(id)} onOpen={onCompare} takesArrows
        action={(pair) =>
          status === 'open'
            ? { label: t('duplicates.compare'), of: pair.id === chosenId ? 'open' : undefined, onPress: () => onCompare(pair) }
            : { label: t('duplicates.reopen'), onPress: () => void takeBack(pair) }
        }
        empty={<EmptyState title={t('duplicates.none')} why={t('duplicates.noneWhy')} />}
        paging={{ skip: at.skip, limit, onSkip: (skip) => onGo({ skip }) }}
      />
    </Panel>
  )
}

function Who({ row }: { row: PatientRow }) {
  const { t } = useTranslation('patients')
  const { phone } = useFormats()
  return (
    <span>
      <b>{row.name}</b> <span className="dim2">{ageSex(row, t)}</span><Flag of={medicoLegal(row, t)} />{' '}
      <span className="num dim2">{[row.mrn, row.phone && phone(row.phone)].filter(Boolean).join(' · ')}</span>
    </span>
  )
}
