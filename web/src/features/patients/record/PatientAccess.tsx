import { Button } from '@mantine/core'
import { QrCode } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog, DataTable, EmptyState, Panel, PdfSheet, SegmentedFilter, type Column } from '~/ui'

type Account = components['schemas']['AccountRead']
const sizes = ['80mm', 'a5'] as const
type Size = (typeof sizes)[number]
const rememberedKey = 'ar.paper'
/** The size that this computer's desk prints. */
const sizeHere = (): Size => sizes.find((size) => size === localStorage.getItem(rememberedKey)) ?? '80mm'

/** Who signs in for a patient by phone; the desk prints the one-time QR and ends an access. */
export function PatientAccess({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const format = useFormats()
  const now = useNow()
  const [isPrinting, setPrinting] = useState(false)
  const [ending, setEnding] = useState<Account | null>(null)
  const params = { path: { patient_id: patientId } }
  const patient = $api.useQuery('get', '/api/patients/{patient_id}', { params })
  const accounts = $api.useQuery('get', '/api/patients/{patient_id}/accounts', { params })
  const end = $api.useMutation('delete', '/api/patients/{patient_id}/accounts/{account_id}')
  const called = ({ name, phone }: Account) => name || (phone ? format.phone(phone) : t('access.aPhone'))
  const columns: Column<Account>[] = [
    {
      id: 'who', head: t('access.who'), skeleton: 110,
      cell: (one) => (
        <>
          <b>{called(one)}</b> <span className="dim num">{one.name && one.phone ? format.phone(one.phone) : one.phone ? '' : t('access.bySlip')}</span>
        </>
      ),
    },
    { id: 'relation', head: t('access.as'), skeleton: 60, cell: ({ relation }) => t(`access.relation.${relation}`) },
    { id: 'seen', head: t('access.seen'), skeleton: 80, onNarrow: 'hide', cell: ({ last_seen_at }) => <span className="num">{last_seen_at ? format.near(last_seen_at, now) : '—'}</span> },
    { id: 'step', head: t('access.step'), skeleton: 60, align: 'end', cell: (one) => <Button size="xs" variant="default" onClick={() => setEnding(one)}>{t('access.end')}</Button> },
  ]
  const one = patient.data
  const canPrint = one?.is_active && !one.is_deceased && one.birth_date
  return (
    <Panel
      title={t('access.title')}
      right={canPrint && <Button size="xs" variant="default" leftSection={<QrCode size={14} aria-hidden />} onClick={() => setPrinting(true)}>{t('access.print')}</Button>}
    >
      <DataTable label={t('access.title')} list={accounts} columns={columns} idOf={({ id }) => id} skeletonRows={1} empty={<EmptyState title={t('access.nobody')} why={t(canPrint || !one ? 'access.nobodyWhy' : 'access.noPass')} />} />
      {isPrinting && <PassSheet patientId={patientId} onClose={() => setPrinting(false)} />}
      <ConfirmDialog
        opened={ending !== null} title={t('access.endTitle')} action={ending ? t('access.endAction', { name: called(ending) }) : ''}
        restate={t('access.endWhy', { name: one?.name ?? '' })}
        onConfirm={async () => {
          if (!ending) return
          await end.mutateAsync({ params: { path: { patient_id: patientId, account_id: ending.id } } })
          await accounts.refetch()
        }}
        onClose={() => setEnding(null)}
      />
    </Panel>
  )
}

/** Each printing makes a new QR and ends the one before it. */
function PassSheet({ patientId, onClose }: { patientId: string; onClose: () => void }) {
  const { t } = useTranslation('patients')
  const [size, setSize] = useState(sizeHere)
  const load = async () =>
    (await api.POST('/api/patients/{patient_id}/pass', { params: { path: { patient_id: patientId }, query: { paper: size } }, parseAs: 'blob' })).data as unknown as Blob
  return (
    <PdfSheet
      key={size} opened title={t('access.sheet')} load={load} onClose={onClose}
      tools={<SegmentedFilter label={t('access.paper')} value={size} onChange={setSize} segments={sizes.map((value) => ({ value, label: value === 'a5' ? 'A5' : '80 mm' }))} />}
    />
  )
}
