import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { ZoneOf } from '~/lib/ZoneOf'
import { DataTable, EmptyState, Panel, ZoneNote, type Column } from '~/ui'
import { AppointmentStatus } from './AppointmentStatus'
import { stateOf } from './queue'

const open = ['pending', 'booked', 'arrived', 'checked-in'] as const
type Visit = components['schemas']['AppointmentRead']

/** What a patient has before them, from today on. */
export function ComingVisits({ patientId }: { patientId: string }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const visits = $api.useQuery('get', '/api/appointments', { params: { query: { patient_id: patientId, from: format.today(), status: [...open], limit: 50 } } })
  const columns: Column<Visit>[] = [
    { id: 'when', head: t('coming.when'), skeleton: 90, cell: (visit) => <ZoneOf facilityId={visit.facility_id}><When visit={visit} /></ZoneOf> },
    { id: 'doctor', head: t('desk.doctor'), skeleton: 110, cell: ({ practitioner_name }) => practitioner_name },
    { id: 'where', head: t('coming.where'), skeleton: 110, onNarrow: 'hide', cell: ({ facility_name }) => facility_name },
    { id: 'status', head: t('desk.status'), skeleton: 70, cell: (visit) => <AppointmentStatus state={stateOf(visit)} /> },
  ]
  return (
    <Panel title={t('coming.title')}>
      <DataTable label={t('coming.title')} list={visits} columns={columns} idOf={({ id }) => id} skeletonRows={2} empty={<EmptyState title={t('coming.none')} />} />
    </Panel>
  )
}

function When({ visit: { starts_at, kind } }: { visit: Visit }) {
  const format = useFormats()
  const now = useNow()
  return <><b className="num">{kind === 'token' ? format.dayShort(starts_at) : format.near(starts_at, now)}</b> <ZoneNote /></>
}
