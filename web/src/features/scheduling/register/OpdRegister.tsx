import { Button, Select } from '@mantine/core'
import { Download, Printer } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, api } from '~/lib/api'
import { ageSex } from '~/lib/ageSex'
import { saveFile } from '~/lib/download'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { addDays } from '~/lib/wallTime'
import { ZoneOf } from '~/lib/ZoneOf'
import { DataTable, DateNav, EmptyState, Notice, Panel, PdfSheet, type Column } from '~/ui'
import styles from './OpdRegister.module.css'

type Line = components['schemas']['RegisterLine']
export const pageOf = 100
const outcomes = ['seen', 'inside', 'waiting', 'left', 'noshow'] as const
const visits = ['new', 'revisit'] as const
const spans = [1, 7, 31] as const
export type RegisterWhere = { day: string; days: number; doctor: string; outcome: string; visit: string; skip: number }

type Props = {
  /** '': every branch that one may read of. */
  facilityId: string
  where: RegisterWhere
  onWhere: (change: Partial<RegisterWhere>) => void
  /** The branches to choose from belong to the page. */
  branches: ReactNode
  onOpenPatient?: (patientId: string) => void
}

/** Who came on these days, numbered as they came, and who did not; taken away as a file, printed. */
export function OpdRegister({ facilityId, where, onWhere, branches, onOpenPatient }: Props) {
  const { t } = useTranslation('register')
  const format = useFormats()
  const problemText = useProblemText()
  const [taking, setTaking] = useState<'csv' | 'xlsx' | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const [isPrinting, setPrinting] = useState(false)
  const doctors = $api.useQuery('get', '/api/practitioners', { params: { query: { limit: 200, ...(facilityId ? { facility_id: facilityId } : {}) } } })
  const outcome = outcomes.find((one) => one === where.outcome)
  const visit = visits.find((one) => one === where.visit)
  const filter = {
    from: where.day,
    to: addDays(where.day, Math.max(0, where.days - 1)),
    ...(facilityId ? { facility_id: facilityId } : {}),
    ...(where.doctor ? { practitioner_id: where.doctor } : {}),
    ...(outcome ? { outcome: [outcome] } : {}),
    ...(visit ? { visit } : {}),
  }
  const list = $api.useQuery('get', '/api/opd-register', { params: { query: { ...filter, skip: where.skip, limit: pageOf } } })

  const takeAway = async (form: 'csv' | 'xlsx') => {
    setTaking(form)
    setRefusal(null)
    try {
      const { data } = await api.GET('/api/opd-register/export', { params: { query: { ...filter, form } }, parseAs: 'blob' })
      saveFile(data as unknown as Blob, `opd-register-${where.day}.${form}`)
    } catch (error) {
      setRefusal(error)
    } finally {
      setTaking(null)
    }
  }
  const print = () => api.GET('/api/opd-register/pdf', { params: { query: filter }, parseAs: 'blob' }).then(({ data }) => data as unknown as Blob)
  const narrow = (change: Partial<RegisterWhere>) => onWhere({ ...change, skip: 0 })
  const columns: Column<Line>[] = [
    { id: 'number', head: t('number'), align: 'end', width: 56, skeleton: 20, cell: ({ number }) => <b className="num">{number ?? '–'}</b> },
    ...(where.days > 1 ? [{ id: 'day', head: t('day'), skeleton: 70, cell: ({ day }: Line) => <span className="num">{format.bareDay(day)}</span> }] : []),
    { id: 'time', head: t('time'), width: 64, skeleton: 40, onNarrow: 'hide', cell: (line) => <ZoneOf facilityId={line.facility_id}><Time at={line.came_at} /></ZoneOf> },
    { id: 'uhid', head: t('uhid'), skeleton: 80, onNarrow: 'hide', cell: ({ patient_mrn }) => <span className="num">{patient_mrn}</span> },
    { id: 'name', head: t('name'), skeleton: 140, cell: (line) => <><b>{line.patient_name}</b> <span className="dim2">{line.gender && ageSex({ ...line, gender: line.gender }, t)}</span></> },
    { id: 'visit', head: t('visit'), skeleton: 50, onNarrow: 'hide', cell: (line) => t(`visits.${line.visit}`) },
    { id: 'doctor', head: t('doctor'), skeleton: 110, cell: ({ practitioner_name }) => practitioner_name },
    ...(facilityId ? [] : [{ id: 'branch', head: t('branch'), skeleton: 90, onNarrow: 'hide' as const, cell: ({ facility_name }: Line) => facility_name }]),
    { id: 'fee', head: t('fee'), align: 'end', skeleton: 50, onNarrow: 'hide', cell: ({ fee_paise }) => <span className="num">{format.rupees(fee_paise)}</span> },
    { id: 'receipt', head: t('receipt'), skeleton: 90, onNarrow: 'hide', cell: ({ receipt_number }) => <span className="num">{receipt_number ?? '–'}</span> },
    { id: 'outcome', head: t('outcome'), skeleton: 70, cell: (line) => <span className={line.outcome === 'noshow' || line.outcome === 'left' ? 'dim' : undefined}>{t(`outcomes.${line.outcome}`)}</span> },
  ]
  return (
    <Panel
      title={t('title')} className={styles.register}
      note={list.data && t('count', { count: list.data.total })}
      right={
        <>
          {can('appointment.export') && (['csv', 'xlsx'] as const).map((form) => (
            <Button key={form} variant="default" size="xs" loading={taking === form} leftSection={<Download size={15} aria-hidden />} onClick={() => void takeAway(form)}>{form.toUpperCase()}</Button>
          ))}
          <Button variant="default" size="xs" leftSection={<Printer size={15} aria-hidden />} onClick={() => setPrinting(true)}>{t('print')}</Button>
        </>
      }
    >
      <div className={styles.filters}>
        <b className={styles.day}>{format.bareDay(where.day, 'long')}</b>
        <DateNav day={where.day} today={format.today()} onChange={(day) => narrow({ day })} />
        <Select aria-label={t('span')} w={130} allowDeselect={false} value={String(where.days)} onChange={(days) => days && narrow({ days: Number(days) })} data={spans.map((days) => ({ value: String(days), label: t('days', { count: days }) }))} />
        <Select aria-label={t('doctor')} placeholder={t('allDoctors')} clearable searchable w={190} value={where.doctor || null} onChange={(doctor) => narrow({ doctor: doctor ?? '' })} data={(doctors.data?.items ?? []).map(({ id, title, name }) => ({ value: id, label: `${title} ${name}`.trim() }))} />
        <Select aria-label={t('visit')} placeholder={t('allVisits')} clearable w={170} value={visit ?? null} onChange={(to) => narrow({ visit: to ?? '' })} data={visits.map((value) => ({ value, label: t(`visits.${value}`) }))} />
        <Select aria-label={t('outcome')} placeholder={t('allOutcomes')} clearable w={160} value={outcome ?? null} onChange={(to) => narrow({ outcome: to ?? '' })} data={outcomes.map((value) => ({ value, label: t(`outcomes.${value}`) }))} />
        {branches}
      </div>
      {refusal != null && <Notice urgent title={problemText(refusal)} />}
      <DataTable
        label={t('title')} list={list} columns={columns} idOf={({ appointment_id }) => appointment_id} takesArrows
        onOpen={onOpenPatient && (({ patient_id }) => onOpenPatient(patient_id))}
        paging={{ skip: where.skip, limit: pageOf, onSkip: (skip) => onWhere({ skip }) }}
        empty={<EmptyState title={t('none')} why={t('noneWhy')} />}
      />
      {isPrinting && <PdfSheet opened title={t('title')} load={print} onClose={() => setPrinting(false)} />}
    </Panel>
  )
}

function Time({ at }: { at: string | null }) {
  const { time } = useFormats()
  return at ? <span className="num">{time(at)}</span> : '–'
}
