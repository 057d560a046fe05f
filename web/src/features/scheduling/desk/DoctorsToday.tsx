import { ActionIcon, Menu } from '@mantine/core'
import { CalendarOff, Coffee, Ellipsis, TriangleAlert } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { DataTable, EmptyState, Panel, type Column, type ListOf } from '~/ui'
import { bookableName, bookableWord, isService } from '../bookable'
import { RebookInsideLeave } from '../leave'
import { loadAt, useLoad } from '../planner/load'
import { LoadMark } from '../planner/LoadMark'
import { DayChoices, Handover } from '../queue'
import styles from './desk.module.css'
import { daySheetOf, type Paper } from './papers'
import type { Practitioner } from './todaysVisits'

type Props = {
  list: ListOf<Practitioner>
  facilityId: string
  chosenId: string | null
  onChoose: (practitioner: Practitioner) => void
  onPaper: (paper: Paper) => void
  right?: ReactNode
}

/** Every doctor of today at this branch: where, what now, next free, who waits, how late. Choosing a row sets the doctor. */
export function DoctorsToday({ list, facilityId, chosenId, onChoose, onPaper, right }: Props) {
  const { t, i18n } = useTranslation('scheduling')
  const format = useFormats()
  const now = useNow()
  const { t: planner } = useTranslation('planner')
  const load = useLoad(facilityId, format.today(now), format.today(now), facilityId !== '')
  const items = list.data?.items
  const doctors = items?.filter((one) => !isService(one))
  const here = doctors?.filter(({ state }) => state === 'here' || state === 'on-break').length ?? 0
  /** A token session that goes on takes people now. */
  const nextFree = (at: string) => (Date.parse(at) <= now ? t('columns.freeNow') : format.dayOf(at) === format.today(now) ? format.time(at) : format.near(at, now))
  const columns: Column<Practitioner>[] = [
    { id: 'doctor', head: bookableWord(items, t), cell: ({ title, name, specialty, specialty_hi }) => <><b>{bookableName({ title, name })}</b> <span className="dim2">{(i18n.language === 'hi' && specialty_hi) || specialty}</span></>, skeleton: 190 },
    { id: 'room', head: t('desk.room'), cell: ({ room }) => room ?? '–', align: 'end', onNarrow: 'hide' },
    { id: 'now', head: t('desk.now'), cell: (one) => <NowCell one={one} />, skeleton: 110 },
    { id: 'free', head: t('desk.nextFree'), cell: ({ next_free }) => (next_free ? <b className="num">{nextFree(next_free)}</b> : <span className="dim">–</span>), onNarrow: 'hide' },
    { id: 'waiting', head: t('desk.waiting'), cell: ({ waiting }) => <span className={waiting ? undefined : 'dim'}>{waiting}</span>, align: 'end' },
    {
      id: 'delay', head: t('desk.delay'), align: 'end', onNarrow: 'hide',
      cell: ({ delay_minutes }) => (delay_minutes > 0 ? <span className={delay_minutes >= 30 ? 'attention' : undefined}>{format.minutes(delay_minutes)}</span> : <span className="dim">–</span>),
    },
    { id: 'load', head: planner('loadHead'), cell: ({ practitioner_id }) => <LoadMark load={loadAt(load.data?.items, practitioner_id, facilityId)?.total} />, onNarrow: 'hide' },
    { id: 'seen', head: t('desk.seen'), cell: ({ seen, booked }) => `${seen} / ${booked}`, align: 'end', onNarrow: 'hide' },
    { id: 'more', head: <span className="vh">{t('desk.more')}</span>, cell: (one) => <DoctorMenu one={one} facilityId={facilityId} onPaper={onPaper} />, align: 'end', width: 40, skeleton: 16 },
  ]
  return (
    <Panel title={t('desk.doctors')} note={doctors && t('desk.doctorsHere', { here, count: doctors.length })} className={styles.doctors} right={right}>
      <DataTable
        label={t('desk.doctors')} list={list} columns={columns} idOf={({ practitioner_id }) => practitioner_id} chosenId={chosenId} onChoose={onChoose}
        empty={<EmptyState title={t('desk.noDoctors')} why={t('desk.noDoctorsWhy')} />}
      />
    </Panel>
  )
}

/** What the doctor does now, in words; a glyph where someone must reckon with it. */
function NowCell({ one }: { one: Practitioner }) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  const { state, until, leave, inside_number } = one
  if (state === 'late') return <span className={`attention ${styles.now}`}><TriangleAlert size={15} aria-hidden />{until ? t('desk.state.lateTill', { at: time(until) }) : t('day.now.late')}</span>
  if (state === 'on-break') return <span className={`dim2 ${styles.now}`}><Coffee size={15} aria-hidden />{until ? t('desk.state.breakTill', { at: time(until) }) : t('day.now.on-break')}</span>
  if (inside_number !== null) return <>{t('desk.state.with', { number: inside_number })}</>
  if (leave) return <span className={`dim2 ${styles.now}`}><CalendarOff size={15} aria-hidden />{t('desk.state.leave', { from: time(leave.starts_at), to: time(leave.ends_at) })}</span>
  // A service is nobody who could come late.
  if (isService(one) && state === 'not-here') return <span className="dim">–</span>
  return <span className={state === 'here' ? undefined : 'dim2'}>{t(`day.now.${state}`)}</span>
}

function DoctorMenu({ one, facilityId, onPaper }: { one: Practitioner; facilityId: string; onPaper: (paper: Paper) => void }) {
  const { t } = useTranslation('scheduling')
  const [isOpen, setOpen] = useState(false)
  const [doing, setDoing] = useState<'handover' | 'leave' | null>(null)
  const close = () => setDoing(null)
  const name = bookableName(one)
  return (
    <span onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
      <Menu position="bottom-end" width={200} opened={isOpen} onChange={setOpen}>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={t('desk.moreOf', { name })}>
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{name}</Menu.Label>
          {can('queue.call') && <DayChoices practitionerId={one.practitioner_id} facilityId={facilityId} name={name} onDone={() => setOpen(false)} />}
          <Menu.Divider />
          {can('queue.call') && !isService(one) && <Menu.Item onClick={() => setDoing('handover')}>{t('handover.open')}</Menu.Item>}
          {one.leave && can('appointment.change') && <Menu.Item onClick={() => setDoing('leave')}>{t('leave.open')}</Menu.Item>}
          <Menu.Item onClick={() => onPaper({ title: t('desk.daySheet', { name }), load: daySheetOf(one.practitioner_id, facilityId) })}>{t('desk.daySheetShort')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {doing === 'handover' && <Handover practitionerId={one.practitioner_id} facilityId={facilityId} name={name} onClose={close} />}
      {doing === 'leave' && <RebookInsideLeave practitionerId={one.practitioner_id} onClose={close} />}
    </span>
  )
}
