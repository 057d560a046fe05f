import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { DataTable, EmptyState, Notice, Panel, PanelBody, SegmentedFilter, type Column } from '~/ui'
import styles from './Importing.module.css'
import { hasName, pathOf, targets, withColumn, type Import, type KnownTarget, type Mapping } from './imports'

type FileColumn = { at: number; heading: string; samples: string[] }

/** What each column holds, with its first values beside it; then the check. */
export function ColumnMapping({ one, onChecked }: { one: Import; onChecked: () => void }) {
  const { t } = useTranslation('importing')
  const words = useProblemText()
  const preview = $api.useQuery('get', '/api/patient-imports/{import_id}/preview', pathOf(one), { staleTime: Infinity })
  const check = $api.useMutation('post', '/api/patient-imports/{import_id}/check')
  const [mapping, setMapping] = useState(one.mapping as Mapping)
  const [existing, setExisting] = useState(one.existing)
  const [order, setOrder] = useState(one.date_order)
  const [lacksName, setLacksName] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)

  const samples = preview.data?.samples ?? []
  const rows: FileColumn[] = one.headings.map((heading, at) => ({
    at,
    heading: heading || t('nth', { nth: at + 1 }),
    samples: samples.map((cells) => cells[at] ?? '').filter(Boolean),
  }))
  const choices = targets.map((value) => ({ value, label: t(`target.${value}`) }))
  const standsFor = (at: number) => targets.find((target) => mapping[target] === at) ?? null
  const columns: Column<FileColumn>[] = [
    { id: 'heading', head: t('column'), cell: ({ heading }) => <b>{heading}</b> },
    {
      id: 'target', head: t('takenAs'), width: 240,
      cell: ({ at, heading }) => (
        <Select
          aria-label={t('standsFor', { heading })} placeholder={t('leftOut')} searchable clearable data={choices} value={standsFor(at)} size="xs"
          onChange={(target) => { setLacksName(false); setMapping((before) => withColumn(before, at, target as KnownTarget | null)) }}
        />
      ),
    },
    { id: 'samples', head: t('samples'), onNarrow: 'hide', cell: ({ samples: values }) => <span className={`dim2 ${styles.samples}`}>{values.slice(0, 3).join(' · ')}</span> },
  ]
  const send = async () => {
    setRefusal(null)
    if (!hasName(mapping)) return setLacksName(true)
    try {
      await check.mutateAsync({ ...pathOf(one), body: { mapping: mapping as Record<string, number>, existing, date_order: order } })
      onChecked()
    } catch (error) {
      setRefusal(error)
    }
  }
  return (
    <Panel title={t('columns')} className={styles.mapping}>
      <DataTable label={t('columns')} list={{ data: { items: rows } }} columns={columns} idOf={({ at }) => String(at)} empty={<EmptyState title={t('noColumns')} />} />
      <PanelBody className={styles.options}>
        <div className={styles.option}>
          <span id="existing">{t('existing')}</span>
          <SegmentedFilter
            label={t('existing')} value={existing} onChange={setExisting}
            segments={[{ value: 'refuse', label: t('existingRefuse') }, { value: 'skip', label: t('existingSkip') }]}
          />
        </div>
        {'birth_date' in mapping && (
          <div className={styles.option}>
            <span>{t('dates')}</span>
            <SegmentedFilter
              label={t('dates')} value={order ?? 'open'} onChange={(value) => setOrder(value === 'open' ? null : value)}
              segments={[{ value: 'dmy', label: t('dmy') }, { value: 'mdy', label: t('mdy') }, { value: 'open', label: t('datesOpen') }]}
            />
          </div>
        )}
        {lacksName && <Notice urgent>{t('lacksName')}</Notice>}
        {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
        <div className={styles.buttons}>
          <Button variant={one.status === 'checked' ? 'default' : 'filled'} loading={check.isPending} onClick={() => void send()}>
            {t(one.status === 'uploaded' ? 'check' : 'checkAgain')}
          </Button>
          <span className="dim2">{t('checkWhy')}</span>
        </div>
      </PanelBody>
    </Panel>
  )
}
