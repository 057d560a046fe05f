import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from '../ConfirmDialog'
import { DataTable, type Column, type ListOf } from '../DataTable'
import { EmptyState } from '../EmptyState'
import { Panel } from '../Panel'
import { SegmentedFilter } from '../SegmentedFilter'
import { toast } from '../toast'
import styles from './Directory.module.css'

/** What of a directory stands in the address: which are shown, from where, and which is open ("new" while one is added). */
export type DirectoryPlace = { show: string; skip: number; open: string }
export type DirectoryProps = { at: DirectoryPlace; onGo: (change: Partial<DirectoryPlace>) => void }
export const directoryPage = 50

/** The query of a directory's list. */
export const directoryQuery = ({ show, skip }: DirectoryPlace) => ({ is_active: show !== 'inactive', skip, limit: directoryPage })

type Ending<Row> = { title: string; action: (name: string) => string; restate?: ReactNode; done: (name: string) => string; end: (row: Row) => Promise<unknown> }

type Props<Row> = DirectoryProps & {
  title: string
  list: ListOf<Row>
  columns: readonly Column<Row>[]
  idOf: (row: Row) => string
  nameOf: (row: Row) => string
  /** The button that adds one, where it may be added. */
  add?: string
  tools?: ReactNode
  empty: ReactNode
  /** The form: `row` is null for a new one. `done` closes it and reads the list again. */
  form: (row: Row | null, done: (stay?: boolean) => void, close: () => void) => ReactNode
  ending?: Ending<Row>
  reactivate?: (row: Row) => Promise<unknown>
  /** Things that are revoked for good have no inactive ones to show. */
  withInactive?: boolean
}

/** Things that are kept up: a list, and beside it the one that is open, with its change, its end and its return. */
export function Directory<Row>(props: Props<Row>) {
  const { at, onGo, title, list, columns, idOf, nameOf, add, tools, empty, form, ending, reactivate, withInactive = true } = props
  const { t } = useTranslation('ui')
  const [asked, setAsked] = useState<Row | null>(null)
  const isNew = at.open === 'new' && add !== undefined
  const open = list.data?.items.find((row) => idOf(row) === at.open) ?? null
  const isInactive = withInactive && at.show === 'inactive'
  const total = list.data?.total

  const close = () => onGo({ open: '' })
  const done = (stay = false) => {
    void list.refetch?.()
    if (!stay) close()
  }
  const bring = async (row: Row) => {
    await reactivate?.(row)
    toast({ title: t('directory.reactivated', { name: nameOf(row) }) })
    done()
  }
  return (
    <div className={styles.columns} data-open={isNew || open !== null || undefined}>
      <Panel
        title={title}
        note={total === undefined ? undefined : <span className="num">{total}</span>}
        right={
          <>
            {withInactive && (
              <SegmentedFilter
                label={t('directory.show')}
                value={isInactive ? 'inactive' : 'active'}
                onChange={(show) => onGo({ show, skip: 0, open: '' })}
                segments={[{ value: 'active', label: t('directory.active') }, { value: 'inactive', label: t('directory.inactive') }]}
              />
            )}
            {add && (
              <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => onGo({ open: 'new' })}>
                {add}
              </Button>
            )}
          </>
        }
      >
        {tools && <div className={styles.tools}>{tools}</div>}
        <DataTable
          label={title}
          list={list}
          columns={columns}
          idOf={idOf}
          chosenId={isNew ? null : at.open}
          onChoose={(row) => onGo({ open: idOf(row) })}
          takesArrows
          paging={{ skip: at.skip, limit: directoryPage, onSkip: (skip) => onGo({ skip, open: '' }) }}
          empty={isInactive ? <EmptyState title={t('directory.noneInactive')} why={t('directory.noneInactiveWhy')} /> : empty}
        />
      </Panel>
      {isNew && <div className={styles.side}>{form(null, done, close)}</div>}
      {open !== null && !isNew && (
        <div className={styles.side} key={at.open}>
          {form(open, done, close)}
          {isInactive && reactivate && <Return label={t('directory.reactivate', { name: nameOf(open) })} onPress={() => bring(open)} />}
          {!isInactive && ending && (
            <Button variant="subtle" color="red" className={styles.end} onClick={() => setAsked(open)}>
              {ending.action(nameOf(open))}
            </Button>
          )}
        </div>
      )}
      {ending && (
        <ConfirmDialog
          opened={asked !== null}
          title={ending.title}
          restate={asked !== null && <><b>{nameOf(asked)}</b>{ending.restate && <div>{ending.restate}</div>}</>}
          action={asked === null ? '' : ending.action(nameOf(asked))}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            if (asked === null) return
            await ending.end(asked)
            toast({ title: ending.done(nameOf(asked)) })
            done()
          }}
        />
      )}
    </div>
  )
}

function Return({ label, onPress }: { label: string; onPress: () => Promise<void> }) {
  const [running, setRunning] = useState(false)
  const press = () => {
    setRunning(true)
    void onPress().finally(() => setRunning(false))
  }
  return (
    <Button variant="default" loading={running} className={styles.end} onClick={press}>
      {label}
    </Button>
  )
}
