import { Button } from '@mantine/core'
import { useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { ageSex } from '~/lib/ageSex'
import { $api, useIdempotent } from '~/lib/api'
import { medicoLegal } from '~/lib/medicoLegal'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ErrorState, Flag, Notice, Panel, toast } from '~/ui'
import { PatientPhoto } from '../record/PatientPhoto'
import styles from './Comparison.module.css'

type Compared = components['schemas']['RecordCompared']
type Side = 'one' | 'other'

type Props = {
  oneId: string
  otherId: string
  /** The pair of the worklist that is being judged: it can be called two people from here. */
  duplicateId?: string
  onMerged: (survivorId: string) => void
  onDifferent: () => void
  onOpen: (id: string) => void
}

/** Two records side by side: which stays, what becomes of the other, and the button that names both. */
export function Comparison({ oneId, otherId, duplicateId, onMerged, onDifferent, onOpen }: Props) {
  const { t } = useTranslation('patients')
  const words = useProblemText()
  const idempotent = useIdempotent()
  const both = $api.useQuery('get', '/api/patients/{patient_id}/comparison', { params: { path: { patient_id: oneId }, query: { other_id: otherId } } })
  const merge = $api.useMutation('post', '/api/patients/{patient_id}/merges')
  const dismiss = $api.useMutation('post', '/api/patients/duplicates/{duplicate_id}/dismiss')
  const [asked, setAsked] = useState<Side | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const group = useId()
  const rows = useRows()

  if (both.error) return <Panel label={t('merging.title')}><ErrorState error={both.error} onRetry={() => void both.refetch()} /></Panel>
  if (!both.data) return <Panel title={t('merging.title')}><p role="status" className="dim2" style={{ padding: 'var(--ar-inset)' }}>{t('merging.reading')}</p></Panel>
  const { one, other, hindrance } = both.data
  const keeps = asked ?? likelySurvivor(one, other)
  const [survivor, merged] = keeps === 'one' ? [one.record, other.record] : [other.record, one.record]
  const visits = one.visits + other.visits
  const attempt = async (step: () => Promise<unknown>) => {
    setRefusal(null)
    try {
      await step()
    } catch (error) {
      setRefusal(error)
    }
  }
  const press = () =>
    attempt(async () => {
      await idempotent((headers) => merge.mutateAsync({ params: { path: { patient_id: survivor.id } }, body: { merged_id: merged.id }, headers }))
      toast({ title: t('merging.done'), detail: `${survivor.name}, ${survivor.mrn}` })
      onMerged(survivor.id)
    })
  const part = () =>
    attempt(async () => {
      await dismiss.mutateAsync({ params: { path: { duplicate_id: duplicateId ?? '' } } })
      toast({ title: t('duplicates.dismissed') })
      onDifferent()
    })
  const head = (side: Side, { record }: Compared) => (
    <th scope="col">
      <span className={styles.name}>{record.name}</span>
      <span className="num dim2">{record.mrn} · {ageSex(record, t)}</span>
      <Flag of={medicoLegal(record, t)} />
      {record.has_photo && <PatientPhoto patientId={record.id} name={record.name} />}
      <label className={styles.keep}>
        <input type="radio" name={group} checked={keeps === side} disabled={!record.is_active} onChange={() => setAsked(side)} />
        {t(record.is_active ? 'merging.keep' : 'list.closed')}
      </label>
      <a className={styles.visit} href={`/patients/${record.id}`} onClick={(event) => { event.preventDefault(); onOpen(record.id) }}>{t('merging.open', { mrn: record.mrn })}</a>
    </th>
  )
  return (
    <Panel title={t('merging.title')} note={t('merging.note')}>
      <div className={styles.all}>
        <table className={styles.table}>
          <thead>
            <tr><td className={styles.corner} aria-hidden />{head('one', one)}{head('other', other)}</tr>
          </thead>
          <tbody>
            {rows.map(([label, tell, isOfTheRecord]) => {
              const [mine, theirs] = [tell(one), tell(other)]
              return (
                <tr key={label} data-differs={(!isOfTheRecord && mine && theirs && mine !== theirs) || undefined}>
                  <th scope="row">{label}</th>
                  <td className="num" data-kept={keeps === 'one' || undefined}>{mine || '—'}</td>
                  <td className="num" data-kept={keeps === 'other' || undefined}>{theirs || '—'}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
        <div className={styles.outcome}>
          {hindrance ? (
            <Notice urgent tone="attention">{words({ code: hindrance, detail: t('merging.cannot') })}</Notice>
          ) : (
            <ul>
              <li>{t('merging.stays', { name: survivor.name, mrn: survivor.mrn })}</li>
              <li>{t('merging.leads', { name: merged.name, mrn: merged.mrn })}</li>
              <li>{t('merging.together', { count: visits })}</li>
              <li>{t('merging.undoable')}</li>
            </ul>
          )}
          {refusal !== null && <Notice urgent tone="attention">{words(refusal)}</Notice>}
          <div className={styles.steps}>
            <Button loading={merge.isPending} disabled={hindrance !== null} onClick={() => void press()}>
              {t('merging.press', { merged: `${merged.name}, ${merged.mrn}`, survivor: `${survivor.name}, ${survivor.mrn}` })}
            </Button>
            {duplicateId && <Button variant="default" loading={dismiss.isPending} onClick={() => void part()}>{t('duplicates.dismiss')}</Button>}
          </div>
        </div>
      </div>
    </Panel>
  )
}

/** An active one; then the one with more behind it; then the older number. */
function likelySurvivor(one: Compared, other: Compared): Side {
  if (one.record.is_active !== other.record.is_active) return one.record.is_active ? 'one' : 'other'
  if (one.visits !== other.visits) return one.visits > other.visits ? 'one' : 'other'
  return one.record.created_at <= other.record.created_at ? 'one' : 'other'
}

/** What is laid beside each other, as text: equal texts are equal facts. True: of the record, which always differs. */
function useRows(): readonly (readonly [string, (side: Compared) => ReactNode, true?])[] {
  const { t } = useTranslation('patients')
  const { phone, date } = useFormats()
  return [
    [t('form.name_local'), ({ record }) => record.name_local],
    [t('form.relative_kind'), ({ record }) => [record.relative_kind, record.relative_name].filter(Boolean).join(' ')],
    [t('record.birth'), ({ record }) => record.birth_date && `${record.birth_date_precision === 'day' ? '' : '~ '}${date(record.birth_date)}`],
    [t('form.gender'), ({ record }) => t(`gender.${record.gender}`)],
    [t('form.phone'), ({ record }) => record.phones.map(({ number }) => phone(number)).join(', ')],
    [t('form.address_line'), ({ record }) => [record.address_line, record.city, record.postal_code].filter(Boolean).join(', ')],
    [t('record.numbers'), ({ record }) => record.identifiers.map(({ kind, value }) => (kind === 'abha_number' ? `ABHA ${value}` : value)).join(', ')],
    [t('form.blood_group'), ({ record }) => record.blood_group],
    [t('record.email'), ({ record }) => record.email],
    [t('merging.registered'), ({ record }) => date(record.created_at), true],
    [t('merging.visits'), ({ visits }) => String(visits), true],
  ]
}
