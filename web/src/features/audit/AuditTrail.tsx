import { Button, Select } from '@mantine/core'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, api } from '~/lib/api'
import { saveFile } from '~/lib/download'
import { useFormats } from '~/lib/useFormats'
import { boundsOf } from '~/lib/wallTime'
import { DataTable, DateNav, EmptyState, Facts, Panel, SegmentedFilter, type Column } from '~/ui'
import styles from './AuditTrail.module.css'

type Entry = components['schemas']['AuditRead']
export const pageOf = 100
const actions = ['read', 'search', 'create', 'update', 'deactivate', 'reactivate', 'execute', 'export', 'print', 'sign-in', 'sign-out', 'denied'] as const
/** What stands before the name of a role that the hospital made itself. */
const ownRole = 'custom:'
type Where = { day: string; outcome: string; action: string; skip: number }

/** Who did what to which record on a day, refusals too. Looking at it is itself recorded. */
export function AuditTrail({ where, onWhere }: { where: Where; onWhere: (change: Partial<Where>) => void }) {
  const { t } = useTranslation('audit')
  const format = useFormats()
  const [chosen, setChosen] = useState<Entry | null>(null)
  const [isExporting, setExporting] = useState(false)
  const bounds = boundsOf(where.day, format.timeZone)
  const filter = {
    from: bounds.from,
    to: bounds.to,
    ...(where.outcome === 'denied' || where.outcome === 'success' ? { outcome: where.outcome as 'denied' | 'success' } : {}),
    ...(where.action ? { action: where.action as (typeof actions)[number] } : {}),
  }
  const list = $api.useQuery('get', '/api/audit', { params: { query: { ...filter, skip: where.skip, limit: pageOf } } })

  const takeAway = async () => {
    setExporting(true)
    try {
      const { data } = await api.GET('/api/audit/export', { params: { query: filter }, parseAs: 'blob' })
      saveFile(data as unknown as Blob, `audit-${where.day}.csv`)
    } finally {
      setExporting(false)
    }
  }
  const columns: Column<Entry>[] = [
    { id: 'at', head: t('at'), width: 84, skeleton: 60, cell: ({ at }) => <span className="num">{format.time(at)}</span> },
    { id: 'who', head: t('who'), skeleton: 140, cell: (one) => <><b>{one.user_name ?? t(`kind.${one.actor_kind}`)}</b> <span className="dim2">{one.roles.map((role) => (role.startsWith(ownRole) ? role.slice(ownRole.length) : t(`role.${role}`))).join(', ')}</span></> },
    { id: 'what', head: t('what'), skeleton: 120, cell: (one) => <span className={one.outcome === 'denied' ? 'attention' : undefined}>{one.outcome === 'denied' ? t('refused') : t(`action.${one.action}`)} <span className="dim2">{one.entity && t(`entity.${one.entity}`)}</span></span> },
    { id: 'patient', head: t('patient'), width: 130, onNarrow: 'hide', skeleton: 80, cell: ({ patient_mrn }) => <span className="num">{patient_mrn ?? ''}</span> },
    { id: 'count', head: t('records'), align: 'end', width: 84, onNarrow: 'hide', skeleton: 20, cell: ({ entity_ids }) => <span className="num">{entity_ids.length || ''}</span> },
  ]
  return (
    <div className={styles.columns}>
      <Panel
        title={t('title')}
        right={
          <>
            <Select aria-label={t('what')} placeholder={t('everything')} clearable w={150} value={where.action || null} onChange={(action) => onWhere({ action: action ?? '', skip: 0 })} data={actions.map((value) => ({ value, label: t(`action.${value}`) }))} />
            <SegmentedFilter label={t('outcome')} value={where.outcome} onChange={(outcome) => onWhere({ outcome, skip: 0 })} segments={[{ value: 'all', label: t('all') }, { value: 'denied', label: t('refusedOnly') }]} />
            <DateNav day={where.day} today={format.today()} onChange={(day) => onWhere({ day, skip: 0 })} />
            <Button variant="default" loading={isExporting} leftSection={<Download size={15} aria-hidden />} onClick={() => void takeAway()}>
              {t('export')}
            </Button>
          </>
        }
      >
        <DataTable
          label={t('title')}
          list={list}
          columns={columns}
          idOf={({ id }) => id}
          chosenId={chosen?.id ?? null}
          onChoose={setChosen}
          takesArrows
          paging={{ skip: where.skip, limit: pageOf, onSkip: (skip) => onWhere({ skip }) }}
          empty={<EmptyState title={t('none')} why={t('noneWhy')} />}
        />
      </Panel>
      {chosen && (
        <Panel title={t('entry')} className={styles.entry}>
          <div className={styles.facts}>
            <Facts
              items={[
                [t('at'), <span className="num">{`${format.date(chosen.at)} ${format.time(chosen.at)}`}</span>],
                [t('who'), chosen.user_name ?? t(`kind.${chosen.actor_kind}`)],
                [t('operation'), <code>{chosen.route}</code>],
                [t('address'), <span className="num">{chosen.address}</span>],
                [t('patient'), chosen.patient_mrn ?? '–'],
                [t('details'), <code>{JSON.stringify(chosen.details)}</code>],
                [t('reference'), <code>{chosen.request_id}</code>],
              ]}
            />
          </div>
        </Panel>
      )}
    </div>
  )
}
