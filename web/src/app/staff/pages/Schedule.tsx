import { Select } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BookFree, Columns, DoctorList, DoctorPicker, Legend, mostColumns, Week, weekOf, type ColumnPlace, type Doctor } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { ZoneOf } from '~/lib/ZoneOf'
import { DateNav, EmptyState, ErrorState, Page, SegmentedFilter, ZoneNote } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import { FindPatient } from './FindPatient'
import styles from './Schedule.module.css'

const views = ['list', 'columns', 'week'] as const
type View = (typeof views)[number]
const everywhere = 'all'

/** Three views of the doctors' time, each by its branch's clock. The view, the branch, the day and the doctors stand in the address. */
export default function Schedule() {
  const { facilities } = useMe()
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? '', day: '', doctors: '', view: 'columns' })
  const view = views.find((one) => one === at.view) ?? 'columns'
  // Only the list shows all branches at once; the others go to the first.
  const facility = at.facility === everywhere && view !== 'list' ? (facilities[0]?.id ?? '') : at.facility
  return (
    <ZoneOf facilityId={facility}>
      <Planner at={{ ...at, facility }} view={view} onChange={(change) => void setAt(change)} />
    </ZoneOf>
  )
}

type Where = { facility: string; day: string; doctors: string; view: string }

function Planner({ at, view, onChange }: { at: Where; view: View; onChange: (change: Partial<Where>) => void }) {
  const { t } = useTranslation('staff')
  const { t: planner } = useTranslation('planner')
  const format = useFormats()
  const navigate = useNavigate()
  const now = useNow()
  const { practitioner_id: mine } = useMe()
  const facility_id = at.facility
  const isEverywhere = facility_id === everywhere
  const today = format.today(now)
  const day = /^\d{4}-\d\d-\d\d$/.test(at.day) ? at.day : today
  const [booking, setBooking] = useState<ColumnPlace | null>(null)
  const here = { enabled: facility_id !== '' && !isEverywhere }
  useKeys({ columns: can('visit.receive') && (() => void navigate({ to: '/desk', search: (isEverywhere ? {} : { facility: facility_id }) as never })) })
  const staff = $api.useQuery('get', '/api/practitioners', { params: { query: { facility_id, limit: 200 } } }, here)
  const doctorsToday = $api.useQuery('get', '/api/practitioners-today', { params: { query: { facility_id } } }, here)

  if (!facility_id) return <Page label={t('nav.schedule')}><EmptyState title={t('queue.nowhere')} why={t('queue.nowhereWhy')} /></Page>
  const doctors: Doctor[] = (staff.data?.items ?? []).map(({ id, kind, title, name, specialty, facilities: rooms }) => ({
    id, kind, name: `${title} ${name}`.trim(), specialty: specialty ?? null, room: rooms.find((one) => one.facility_id === facility_id)?.room ?? null,
  }))
  const known = (ids: readonly (string | null | undefined)[]) => ids.flatMap((id) => doctors.find((doctor) => doctor.id === id) ?? [])
  const asked = known(at.doctors.split(',')).slice(0, mostColumns)
  const usual = known(mine ? [mine] : (doctorsToday.data?.items ?? []).map(({ practitioner_id }) => practitioner_id)).slice(0, mostColumns)
  const shown = [asked, usual, doctors.slice(0, mostColumns)].find((some) => some.length > 0) ?? []
  const shownIds = shown.map(({ id }) => id)
  const one = shown[0]
  const show = (ids: readonly string[]) => onChange({ doctors: ids.join(',') })
  const toDay = (to: string, more: Partial<Where> = {}) => onChange({ ...more, day: to === today ? '' : to })
  const openPatient = can('patient.read') ? (id: string) => void navigate({ to: `/patients/${id}` } as never) : undefined
  const days = weekOf(day)
  const error = staff.error ?? doctorsToday.error
  const body = () => {
    if (view === 'list') {
      return (
        <DoctorList
          facilityId={isEverywhere ? '' : facility_id} day={day} isToday={day === today} onBook={setBooking}
          onWeek={(id, facility) => onChange({ facility, doctors: id, view: 'week' })}
        />
      )
    }
    if (error != null && !staff.data) return <ErrorState error={error} onRetry={() => void staff.refetch()} />
    if (staff.data && !one) return <EmptyState title={t('schedule.nobody')} why={t('schedule.nobodyWhy')} />
    if (!staff.data || !one || !(doctorsToday.data || doctorsToday.error)) return null
    if (view === 'week') {
      return <Week key={one.id} doctor={one} facilityId={facility_id} days={days} onBook={setBooking} onDay={(to) => toDay(to, { view: 'columns' })} onOpenPatient={openPatient} />
    }
    return (
      <Columns
        doctors={shown} today={doctorsToday.data?.items ?? []} facilityId={facility_id} day={day} onBook={setBooking}
        onClose={(id) => show(shownIds.filter((other) => other !== id))} onOpenPatient={openPatient}
      />
    )
  }
  return (
    <Page label={t('nav.schedule')}>
      <div className={styles.bar}>
        <h2 className={styles.day}>{view === 'week' ? `${format.bareDay(days[0] ?? day)} – ${format.bareDay(days[6] ?? day)}` : format.bareDay(day, 'long')}</h2>
        <DateNav day={day} today={today} onChange={toDay} step={view === 'week' ? 7 : 1} />
        <SegmentedFilter label={planner('view')} value={view} onChange={(to) => onChange({ view: to })} segments={views.map((value) => ({ value, label: planner(value) }))} />
        {view === 'columns' && <DoctorPicker doctors={doctors} shownIds={shownIds} onChange={show} />}
        {view === 'week' && <Select aria-label={planner('whose')} data={doctors.map(({ id, name }) => ({ value: id, label: name }))} value={one?.id ?? null} onChange={(id) => id && show([id])} allowDeselect={false} searchable w={200} />}
        <Branches value={facility_id} everywhere={view === 'list'} onChange={(facility) => onChange({ facility, doctors: '' })} />
        <ZoneNote />
        {view === 'list' ? <span /> : <Legend />}
      </div>
      {body()}
      {booking && (
        <ZoneOf facilityId={booking.facility_id}>
          <BookFree place={booking} day={day} findPatient={(onFound) => <FindPatient onFound={onFound} />} onBooked={() => setBooking(null)} onClose={() => setBooking(null)} />
        </ZoneOf>
      )}
    </Page>
  )
}

/** Mine; in the list all others too, also for who works at one: times name no patient. */
function Branches({ value, everywhere: withAll, onChange }: { value: string; everywhere: boolean; onChange: (facility: string) => void }) {
  const { t } = useTranslation('planner')
  const { facilities } = useMe()
  const all = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 2 } } }, { enabled: withAll })
  const offersAll = withAll && (all.data?.total ?? 0) > 1
  const [mine] = facilities
  if (facilities.length !== 1 || !mine || !offersAll) {
    return <BranchFilter value={value === everywhere ? '' : value} onChange={(to) => onChange(to || everywhere)} everywhere={offersAll ? t('planner:everywhere') : undefined} />
  }
  return <SegmentedFilter label={t('branch')} value={value} onChange={onChange} segments={[{ value: mine.id, label: mine.name.split(',').at(-1)?.trim() ?? mine.name }, { value: everywhere, label: t('planner:everywhere') }]} />
}
