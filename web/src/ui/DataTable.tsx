import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys, type KeyMeaning } from '~/lib/keys'
import { useDelayed } from '~/lib/useDelayed'
import styles from './DataTable.module.css'
import { ErrorState } from './ErrorState'
import { Key } from './Key'
import { Paging } from './Paging'

export type Column<Row> = {
  id: string
  head: ReactNode
  cell: (row: Row) => ReactNode
  /** Numbers align right. */
  align?: 'end'
  width?: number | string
  /** Leave it out where there is no room. */
  onNarrow?: 'hide'
  /** Width of the bar that stands for this cell while the list loads. */
  skeleton?: number
}

/** The one thing that can be done with a row now, with its key. */
export type RowAction = { label: string; of?: KeyMeaning; onPress: () => void }

/** What a list query gives; a hand-made list needs only `data`. */
export type ListOf<Row> = {
  data?: { items: readonly Row[]; total?: number; total_capped?: boolean }
  isPending?: boolean
  error?: unknown
  refetch?: () => unknown
}

type Props<Row> = {
  label: string
  list: ListOf<Row>
  columns: readonly Column<Row>[]
  idOf: (row: Row) => string
  empty: ReactNode
  errorTitle?: string
  /** The chosen row is tinted; arrows move it, Enter opens it. */
  chosenId?: string | null
  onChoose?: (row: Row) => void
  onOpen?: (row: Row) => void
  /** ↑ ↓ also work while nothing on the page has the focus. One table a page. */
  takesArrows?: boolean
  isOver?: (row: Row) => boolean
  action?: (row: Row) => RowAction | null
  actionHead?: string
  paging?: { skip: number; limit: number; onSkip: (skip: number) => void }
  skeletonRows?: number
}

export function DataTable<Row>(props: Props<Row>) {
  const { list, columns, empty, errorTitle, label, action, actionHead, paging, skeletonRows = 6 } = props
  const { t } = useTranslation('ui')
  const rows = list.data?.items
  const skeleton = useDelayed(!rows && !list.error)

  if (list.error && !rows) return <ErrorState title={errorTitle} error={list.error} onRetry={list.refetch && (() => void list.refetch?.())} />
  if (rows?.length === 0 && !paging?.skip) return <>{empty}</>
  return (
    <>
      <div className={styles.scroll} data-loading={!rows || undefined} tabIndex={rows && !props.onChoose ? 0 : undefined}>
        <table className={styles.grid} role={props.onChoose ? 'grid' : undefined} aria-label={label} aria-busy={!rows}>
          <thead>
            <tr>
              {columns.map(({ id, head, align, width, onNarrow }) => (
                <th key={id} scope="col" data-align={align} data-narrow={onNarrow} style={{ width }}>
                  {head}
                </th>
              ))}
              {action && (
                <th scope="col" data-align="end">
                  {actionHead}
                </th>
              )}
            </tr>
          </thead>
          {rows ? <Rows {...props} rows={rows} /> : skeleton && <SkeletonRows columns={columns} count={skeletonRows} withAction={!!action} />}
        </table>
        {!rows && skeleton && (
          <span className="vh" role="status">
            {t('table.loading')}
          </span>
        )}
      </div>
      {paging && list.data && (
        <Paging {...paging} shown={list.data.items.length} total={list.data.total ?? 0} isCapped={list.data.total_capped} />
      )}
    </>
  )
}

function Rows<Row>({ rows, columns, idOf, chosenId, onChoose, onOpen, takesArrows, isOver, action }: Props<Row> & { rows: readonly Row[] }) {
  const body = useRef<HTMLTableSectionElement>(null)
  const chosenAt = rows.findIndex((row) => idOf(row) === chosenId)

  const step = (by: 1 | -1, focus: boolean) => {
    const at = chosenAt < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, chosenAt + by))
    const row = rows[at]
    if (!row || !onChoose) return
    onChoose(row)
    const line = body.current?.rows[at]
    if (focus) line?.focus()
    else line?.scrollIntoView?.({ block: 'nearest' })
  }
  const chosen = rows[chosenAt]
  const arrows = takesArrows && onChoose ? { down: () => step(1, false), up: () => step(-1, false), choose: chosen && onOpen && (() => onOpen(chosen)) } : {}
  useKeys(arrows)

  const keyDown = (event: KeyboardEvent, row: Row) => {
    if (event.target !== event.currentTarget) return
    if (event.key === 'ArrowDown') step(1, true)
    else if (event.key === 'ArrowUp') step(-1, true)
    else if (event.key === 'Enter' && onOpen) onOpen(row)
    else if ((event.key === ' ' || event.key === 'Enter') && onChoose) onChoose(row)
    else return
    event.preventDefault()
  }
  useKeepFocus(body, chosenAt)

  return (
    <tbody ref={body}>
      {rows.map((row, at) => {
        const isChosen = at === chosenAt
        const next = action?.(row)
        return (
          <tr
            key={idOf(row)}
            data-over={isOver?.(row) || undefined}
            {...(onChoose && {
              'aria-selected': isChosen,
              tabIndex: isChosen || (chosenAt < 0 && at === 0) ? 0 : -1,
              onClick: () => onChoose(row),
              onDoubleClick: () => onOpen?.(row),
              onKeyDown: (event: KeyboardEvent) => keyDown(event, row),
            })}
          >
            {columns.map(({ id, cell, align, onNarrow }) => (
              <td key={id} data-align={align} data-narrow={onNarrow} className={align === 'end' ? 'num' : undefined}>
                {cell(row)}
              </td>
            ))}
            {action && <td data-align="end">{next && <ActionButton {...next} />}</td>}
          </tr>
        )
      })}
    </tbody>
  )
}

/** When the chosen row moves because the list changed by itself, the keyboard stays with it. */
function useKeepFocus(body: React.RefObject<HTMLTableSectionElement | null>, chosenAt: number) {
  const before = useRef(chosenAt)
  useEffect(() => {
    const hadFocus = body.current?.contains(document.activeElement)
    if (hadFocus && document.activeElement?.tagName === 'TR' && chosenAt >= 0 && before.current !== chosenAt) body.current?.rows[chosenAt]?.focus()
    before.current = chosenAt
  }, [body, chosenAt])
}

function ActionButton({ label, of, onPress }: RowAction) {
  return (
    <button
      type="button"
      className={styles.action}
      onClick={(event) => {
        event.stopPropagation()
        onPress()
      }}
    >
      {label}
      {of && <Key of={of} />}
    </button>
  )
}

const variation = [1, 0.84, 1.06, 0.92, 0.76]

function SkeletonRows<Row>({ columns, count, withAction }: { columns: readonly Column<Row>[]; count: number; withAction: boolean }) {
  return (
    <tbody aria-hidden>
      {Array.from({ length: count }, (_, at) => (
        <tr key={at}>
          {columns.map(({ id, align, onNarrow, skeleton = align === 'end' ? 30 : 96 }, column) => (
            <td key={id} data-align={align} data-narrow={onNarrow}>
              <span className={styles.bar} style={{ width: skeleton * (variation[(at + column) % variation.length] ?? 1) }} />
            </td>
          ))}
          {withAction && <td />}
        </tr>
      ))}
    </tbody>
  )
}
