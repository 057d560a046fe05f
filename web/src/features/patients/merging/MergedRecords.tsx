import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog, Panel, toast } from '~/ui'
import styles from './MergedRecords.module.css'

type Merge = components['schemas']['MergeRead']

/** What was merged into this record or it into others, and what was undone; nothing where nothing was. */
export function MergedRecords({ patientId, onParted }: { patientId: string; onParted: () => void }) {
  const { t } = useTranslation('patients')
  const merges = $api.useQuery('get', '/api/patients/{patient_id}/merges', { params: { path: { patient_id: patientId } } })
  const undo = $api.useMutation('post', '/api/patients/{patient_id}/merges/{merge_id}/undo')
  const [parting, setParting] = useState<Merge | null>(null)
  if (!merges.data?.items.length) return null
  const part = async () => {
    if (!parting) return
    await undo.mutateAsync({ params: { path: { patient_id: parting.survivor.id, merge_id: parting.id } } })
    toast({ title: t('merging.parted'), detail: `${parting.merged.name}, ${parting.merged.mrn}` })
    await merges.refetch()
    onParted()
  }
  return (
    <Panel title={t('merging.merged')} note={t('merging.count', { count: merges.data.items.length })}>
      <ul className={styles.list}>
        {merges.data.items.map((merge) => <Item key={merge.id} merge={merge} onPart={() => setParting(merge)} />)}
      </ul>
      {parting && (
        <ConfirmDialog
          opened destroys={false} title={t('merging.partTitle')}
          restate={
            <>
              <p><b>{parting.survivor.name}</b>, <span className="num">{parting.survivor.mrn}</span></p>
              <p><b>{parting.merged.name}</b>, <span className="num">{parting.merged.mrn}</span></p>
              <p className="dim">{t('merging.partWhy')}</p>
            </>
          }
          action={t('merging.partAction', { merged: parting.merged.name, survivor: parting.survivor.name })} onConfirm={part} onClose={() => setParting(null)}
        />
      )}
    </Panel>
  )
}

function Item({ merge, onPart }: { merge: Merge; onPart: () => void }) {
  const { t } = useTranslation('patients')
  const { phone, date, time } = useFormats()
  const { merged, survivor, undone_at } = merge
  const mrnOf = (id: string) => (id === merged.id ? merged.mrn : survivor.mrn)
  const known = [...merged.phones.map(({ number }) => phone(number)), ...merged.identifiers.map(({ value }) => value)]
  const said = undone_at
    ? t('merging.undoneSay', { from: date(merge.merged_at), until: date(undone_at), who: merge.undone_by_name ?? '' })
    : t('merging.mergedSay', { day: date(merge.merged_at), who: merge.merged_by_name ?? '' })
  return (
    <li>
      <div className={styles.pair}>
        <span><b>{merged.name}</b> <span className="num dim2">{merged.mrn}</span> → <b>{survivor.name}</b> <span className="num dim2">{survivor.mrn}</span></span>
        <span className="num dim">{said}</span>
        {known.length > 0 && <span className="num dim2">{known.join(' · ')}</span>}
        {merge.booked_meanwhile.length > 0 && (
          <>
            <span className="attention">{t('merging.meanwhile', { count: merge.booked_meanwhile.length })}</span>
            {merge.booked_meanwhile.map((visit) => (
              <span key={visit.id} className="num">
                {t('merging.stayedWith', { at: `${date(visit.at)} ${time(visit.at)}`, doctor: visit.practitioner_name, mrn: mrnOf(visit.patient_id) })}
              </span>
            ))}
          </>
        )}
      </div>
      {!undone_at && can('patient.merge') && <Button variant="default" size="xs" onClick={onPart}>{t('merging.part')}</Button>}
    </li>
  )
}
