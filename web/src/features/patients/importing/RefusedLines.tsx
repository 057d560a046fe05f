import { Button } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '~/lib/api'
import { saveFile } from '~/lib/download'
import { useFormats } from '~/lib/useFormats'
import { DataTable, EmptyState, Panel, type Column } from '~/ui'
import styles from './Importing.module.css'
import { pathOf, type Import, type Mapping, type Refusal } from './imports'

const limit = 25
const path = '/api/patient-imports/{import_id}/refusals'

/** The lines that are not taken and why; all of them as a table to mend and send again. */
export function RefusedLines({ one }: { one: Import }) {
  const { t, i18n } = useTranslation('importing')
  const { count, today } = useFormats()
  const [skip, setSkip] = useState(0)
  const [taking, setTaking] = useState<'csv' | 'xlsx' | null>(null)
  const { params } = pathOf(one)
  const list = $api.useQuery('get', path, { params: { ...params, query: { skip, limit } } }, { placeholderData: keepPreviousData })

  const take = async (form: 'csv' | 'xlsx') => {
    setTaking(form)
    try {
      const { data } = await api.GET(`${path}/export`, { params: { ...params, query: { form } }, parseAs: 'blob' })
      saveFile(data as unknown as Blob, `refused-lines-${today()}.${form}`)
    } finally {
      setTaking(null)
    }
  }
  const mapping = one.mapping as Mapping
  const valueOf = ({ cells }: Refusal, field: string) => {
    const at = mapping[field as keyof Mapping]
    return at === undefined ? '' : (cells[at] ?? '')
  }
  /** `Mobile No “none”: no digit in it`. The reason in the reader's words where we have them. */
  const said = (row: Refusal, { field, code, message }: Refusal['reasons'][number]) => {
    const at = mapping[field as keyof Mapping]
    const heading = at === undefined ? '' : one.headings[at]
    const value = valueOf(row, field)
    const ours = [`reason.${field}.${code}`, `reason.${code}`].find((key) => i18n.exists(`importing:${key}`))
    return `${heading ? `${heading}${value ? ` “${value.slice(0, 40)}”` : ''}: ` : ''}${ours ? t(ours as never) : message}`
  }
  const columns: Column<Refusal>[] = [
    { id: 'line', head: t('line'), width: 80, cell: ({ line }) => <span className="num">{count(line)}</span> },
    { id: 'name', head: t('target.name'), onNarrow: 'hide', cell: (row) => <b>{valueOf(row, 'name') || valueOf(row, 'first_name')}</b> },
    { id: 'why', head: t('why'), cell: (row) => <ul className={styles.reasons}>{row.reasons.map((reason) => <li key={`${reason.field} ${reason.code}`}>{said(row, reason)}</li>)}</ul> },
  ]
  return (
    <Panel
      title={t(one.run_at ? 'refusedTitle' : 'wouldRefuseTitle')}
      note={<span className="num">{count(one.refused)}</span>}
      className={styles.refused}
      right={(['xlsx', 'csv'] as const).map((form) => (
        <Button key={form} variant="default" loading={taking === form} leftSection={<Download size={15} aria-hidden />} onClick={() => void take(form)}>
          {t('report', { form: form.toUpperCase() })}
        </Button>
      ))}
    >
      <DataTable label={t('refusedTitle')} list={list} columns={columns} idOf={({ line }) => String(line)} empty={<EmptyState title={t('forgotten')} />} paging={{ skip, limit, onSkip: setSkip }} />
    </Panel>
  )
}
