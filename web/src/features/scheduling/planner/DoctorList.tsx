import { Button } from '@mantine/core'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { addDays } from '~/lib/wallTime'
import { ZoneOf } from '~/lib/ZoneOf'
import { DataTable, EmptyState, Panel, SearchBox, ZoneNote, type Column } from '~/ui'
import type { Place } from '../columns/useMoving'
import { loadAt, mondayOf, useLoad } from './load'
import { LoadMark } from './LoadMark'
import styles from './Planner.module.css'

type Found = components['schemas']['Availability']
const nameOf = ({ practitioner: { title, name } }: Found) => `${title} ${name}`.trim()

type Props = {
  /** '': every branch. */
  facilityId: string
  day: string
  isToday: boolean
  onBook: (place: Place) => void
  onWeek: (practitionerId: string, facilityId: string) => void
}

/** Doctors by when they are free next, at one branch or at all, each in its own branch's time, and how full they are. */
export function DoctorList({ facilityId, day, isToday, onBook, onWeek }: Props) {
  const { t } = useTranslation('planner')
  const [search, setSearch] = useState('')
  const text = useDeferredValue(search.trim())
  const { facilities } = useMe()
  const query = { days: 14, ...(isToday ? {} : { from: day }), ...(facilityId ? { facility_id: facilityId } : {}), ...(text ? { search: text } : {}) }
  const found = $api.useQuery('get', '/api/availability', { params: { query } })
  const monday = mondayOf(day)
  const load = useLoad(facilityId, monday, addDays(monday, 6))
  const mayBookAt = (id: string) => can('appointment.book') && facilities.some((one) => one.id === id)
  const loadOf = (one: Found) => loadAt(load.data?.items, one.practitioner.id, one.facility_id)
  const columns: Column<Found>[] = [
    { id: 'doctor', head: t('doctor'), skeleton: 170, cell: (one) => <><b>{nameOf(one)}</b> <span className="dim2">{one.practitioner.specialty ?? one.practitioner.department_name}</span></> },
    ...(facilityId ? [] : [{ id: 'branch', head: t('branch'), skeleton: 90, cell: (one: Found) => one.facility_name }]),
    { id: 'free', head: t('nextFree'), skeleton: 90, cell: (one) => <ZoneOf facilityId={one.facility_id}><NextFree at={one.next[0]?.starts_at} /></ZoneOf> },
    { id: 'times', head: t('times'), skeleton: 150, onNarrow: 'hide', cell: (one) => <ZoneOf facilityId={one.facility_id}><Times found={one} onBook={mayBookAt(one.facility_id) ? onBook : undefined} /></ZoneOf> },
    { id: 'day', head: t('day'), skeleton: 90, onNarrow: 'hide', cell: (one) => <LoadMark load={loadOf(one)?.days.find((each) => each.day === day)} /> },
    { id: 'week', head: t('ofWeek'), skeleton: 90, onNarrow: 'hide', cell: (one) => <LoadMark load={loadOf(one)?.total} withPercent /> },
  ]
  return (
    <Panel label={t('list')}>
      <div className={styles.tools}>
        <SearchBox label={t('search')} value={search} onChange={setSearch} />
      </div>
      <DataTable
        label={t('list')} list={found} columns={columns} idOf={(one) => `${one.practitioner.id} ${one.facility_id}`} onOpen={(one) => onWeek(one.practitioner.id, one.facility_id)}
        empty={<EmptyState title={t('none')} why={t('noneWhy')} />}
        action={(one) => ({ label: t('week'), onPress: () => onWeek(one.practitioner.id, one.facility_id) })} actionHead={t('view')}
      />
    </Panel>
  )
}

function NextFree({ at }: { at: string | undefined }) {
  const { t } = useTranslation('planner')
  const format = useFormats()
  const now = useNow()
  if (!at) return <span className="dim">{t('nothingFree')}</span>
  return <><b className="num">{format.near(at, now)}</b> <ZoneNote /></>
}

function Times({ found, onBook }: { found: Found; onBook?: (place: Place) => void }) {
  const { t } = useTranslation('planner')
  const { time } = useFormats()
  const name = nameOf(found)
  return (
    <span className={styles.times}>
      {found.next.map(({ starts_at, ends_at, kind }) => {
        const said = kind === 'token' ? `${time(starts_at)}–${time(ends_at)}` : time(starts_at)
        if (!onBook) return <span key={starts_at} className="num">{said}</span>
        const place = { practitioner_id: found.practitioner.id, practitioner_name: name, facility_id: found.facility_id, starts_at, ends_at }
        return <Button key={starts_at} variant="default" size="xs" px={8} className="num" aria-label={t('bookAt', { name, time: said })} onClick={() => onBook(place)}>{said}</Button>
      })}
    </span>
  )
}
