import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { ageSex } from '~/lib/ageSex'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { medicoLegal } from '~/lib/medicoLegal'
import { DataTable, EmptyState, Flag, Panel, SegmentedFilter, type Column } from '~/ui'
import { useTodaysVisits } from '../useTodaysVisits'
import { AppointmentStatus } from '../AppointmentStatus'
import { inOrder } from '../desk/todaysVisits'
import { stateOf } from '../queue/queueOf'

type Visit = components['schemas']['AppointmentRead']
export type NurseFilter = 'waiting' | 'arrived' | 'all'

/** Who is in the building, between the desk and the doctor. Check-in is one key; what is measured comes with the record. */
export function NurseList({ facilityId, filter, onFilter, chosenId, onChoose }: { facilityId: string; filter: NurseFilter; onFilter: (filter: NurseFilter) => void; chosenId: string | null; onChoose: (visit: Visit) => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const now = useNow()
  const today = useTodaysVisits(facilityId)
  const checkIn = $api.useMutation('post', '/api/appointments/{appointment_id}/check-in')
  const here = inOrder(today.data?.items.filter(({ status }) => status === 'arrived' || status === 'checked-in') ?? [])
  const waiting = here.filter(({ token }) => token?.status === 'waiting' || token?.status === 'called')
  const arrived = here.filter(({ status }) => status === 'arrived')
  const items = { waiting, arrived, all: here }[filter]
  const columns: Column<Visit>[] = [
    { id: 'token', head: t('nurse.token'), align: 'end', width: 64, skeleton: 20, cell: ({ token }) => <b className="num">{token?.number ?? '–'}</b> },
    { id: 'time', head: t('nurse.time'), width: 70, onNarrow: 'hide', skeleton: 40, cell: ({ starts_at }) => <span className="num">{format.time(starts_at)}</span> },
    { id: 'patient', head: t('nurse.patient'), skeleton: 120, cell: ({ patient }) => <><b>{patient?.name}</b> <span className="dim2">{patient && ageSex(patient, t)}</span><Flag of={medicoLegal(patient, t)} /></> },
    { id: 'doctor', head: t('nurse.doctor'), onNarrow: 'hide', skeleton: 100, cell: ({ practitioner_name }) => practitioner_name },
    { id: 'state', head: t('nurse.state'), skeleton: 80, cell: (visit) => <AppointmentStatus state={stateOf(visit)} /> },
    { id: 'wait', head: t('nurse.wait'), align: 'end', onNarrow: 'hide', skeleton: 50, cell: ({ checked_in_at, arrived_at }) => <span className="num">{format.since(checked_in_at ?? arrived_at ?? now, now)}</span> },
  ]
  return (
    <Panel
      title={t('nurse.title')}
      note={t('nurse.count', { count: here.length })}
      right={
        <SegmentedFilter
          label={t('queue.show')}
          value={filter}
          onChange={onFilter}
          segments={[
            { value: 'waiting', label: t('nurse.waiting'), count: waiting.length },
            { value: 'arrived', label: t('nurse.arrived'), count: arrived.length },
            { value: 'all', label: t('nurse.all'), count: here.length },
          ]}
        />
      }
    >
      <DataTable
        label={t('nurse.title')}
        list={{ ...today, data: today.data && { items } }}
        columns={columns}
        idOf={({ id }) => id}
        chosenId={chosenId}
        onChoose={onChoose}
        takesArrows
        actionHead={t('nurse.next')}
        action={(visit) => (visit.status === 'arrived' && can('visit.receive') ? { label: t('nurse.checkIn'), of: 'checkIn', onPress: () => checkIn.mutate({ params: { path: { appointment_id: visit.id } } }) } : null)}
        empty={<EmptyState title={t('nurse.none')} why={t('nurse.noneWhy')} />}
      />
    </Panel>
  )
}
