import { act, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '~/lib/api'
import { show } from '~tests/render'
import { DataTable, type Column, type ListOf } from './DataTable'

type Visit = { id: string; name: string }
const visits: Visit[] = ['Gurdeep', 'Fatima', 'Raghav'].map((name) => ({ id: name[0] ?? '', name }))
const columns: Column<Visit>[] = [{ id: 'name', head: 'Patient', cell: ({ name }) => name }]
const table = { label: 'Queue', columns, idOf: ({ id }: Visit) => id, empty: <p>Nobody waits</p> }

function Queue({ onOpen, act: perform }: { onOpen?: (visit: Visit) => void; act?: (visit: Visit) => void }) {
  const [chosen, setChosen] = useState<string | null>(null)
  return (
    <DataTable
      {...table}
      list={{ data: { items: visits } }}
      chosenId={chosen}
      onChoose={({ id }) => setChosen(id)}
      onOpen={onOpen}
      takesArrows
      action={perform && ((visit) => ({ label: `Call ${visit.name}`, of: 'call', onPress: () => perform(visit) }))}
    />
  )
}
const chosen = () => screen.queryByRole('row', { selected: true })?.textContent

describe('a list', () => {
  afterEach(() => vi.useRealTimers())

  it('that is slow shows its own shape, and only then', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    await show(<DataTable {...table} list={{ isPending: true }} />)
    expect(screen.queryByRole('status')).toBeNull()
    act(() => void vi.advanceTimersByTime(200))
    expect(screen.getByRole('status').textContent).toBe('Reading the list')
  })
  it('that is empty says why', async () => {
    await show(<DataTable {...table} list={{ data: { items: [] } }} />)
    expect(screen.getByText('Nobody waits')).toBeTruthy()
  })
  it('that failed says so, gives its reference and tries again', async () => {
    const refetch = vi.fn()
    await show(<DataTable {...table} list={{ error: new ApiProblem({ status: 503, code: 'http_503', request_id: '7F3A-19' }), refetch }} errorTitle="The queue could not be read" />)
    expect(screen.getByRole('alert').textContent).toContain('7F3A-19')
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(refetch).toHaveBeenCalledOnce()
  })
  it('that fails later keeps the rows that it has', async () => {
    await show(<DataTable {...table} list={{ data: { items: visits }, error: new Error('away') }} />)
    expect(screen.getByText('Fatima')).toBeTruthy()
  })
})

describe('by keyboard', () => {
  it('the arrows choose and Enter opens, with nothing focused', async () => {
    const open = vi.fn()
    await show(<Queue onOpen={open} />)
    await userEvent.keyboard('{ArrowDown}{ArrowDown}')
    expect(chosen()).toBe('Fatima')
    await userEvent.keyboard('{ArrowUp}{ArrowUp}{ArrowUp}')
    expect(chosen()).toBe('Gurdeep')
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Enter}')
    expect(open).toHaveBeenCalledExactlyOnceWith(visits[2])
  })
  it('one stop leads into the table, and the focus moves with the choice', async () => {
    await show(<Queue />)
    await userEvent.tab()
    await userEvent.keyboard('{ArrowDown}{ArrowDown}')
    expect(document.activeElement?.textContent).toBe('Fatima')
    expect(screen.getAllByRole('row').filter((row) => row.tabIndex === 0)).toHaveLength(1)
  })
  it('a row\'s button does its own thing only', async () => {
    const call = vi.fn()
    const open = vi.fn()
    await show(<Queue onOpen={open} act={call} />)
    const row = screen.getByRole('row', { name: /Fatima/ })
    within(row).getByRole('button').focus()
    await userEvent.keyboard('{Enter}')
    expect(call).toHaveBeenCalledExactlyOnceWith(visits[1])
    expect(open).not.toHaveBeenCalled()
  })
})

describe('a long list', () => {
  const paged = (data: ListOf<Visit>['data'], skip: number, onSkip = vi.fn()) => show(<DataTable {...table} list={{ data }} paging={{ skip, limit: 3, onSkip }} />)
  it('says where one is and goes on', async () => {
    const onSkip = vi.fn()
    await paged({ items: visits, total: 8 }, 3, onSkip)
    expect(screen.getByText('4–6 of 8')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }))
    await userEvent.click(screen.getByRole('button', { name: 'Page before' }))
    expect(onSkip.mock.calls).toEqual([[6], [0]])
  })
  it('says that it was not counted to its end', async () => {
    await paged({ items: visits, total: 10_000, total_capped: true }, 0)
    expect(screen.getByText('1–3 of more than 10,000')).toBeTruthy()
  })
  it('that fits has no paging', async () => {
    await paged({ items: visits, total: 3 }, 0)
    expect(screen.queryByRole('button')).toBeNull()
  })
})
