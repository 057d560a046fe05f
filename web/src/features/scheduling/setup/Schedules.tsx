import { useTranslation } from 'react-i18next'
import { useState } from 'react'
import { Select } from '@mantine/core'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, type Column } from '~/ui'
import { Directory, directoryQuery, type DirectoryProps } from '~/ui/directory'
import { ScheduleForm, type Schedule } from './ScheduleForm'
import { useChoices } from './useChoices'
import { weekInShort } from './week'

/** When each doctor or service sits where, week by week. */
export function Schedules(place: DirectoryProps) {
  const { t } = useTranslation('scheduling')
  const { bareDay } = useFormats()
  const choices = useChoices()
  const [practitionerId, setPractitionerId] = useState<string | null>(null)
  const list = $api.useQuery('get', '/api/schedules', {
    params: { query: { ...directoryQuery(place.at), ...(practitionerId ? { practitioner_id: practitionerId } : {}) } },
  })
  const end = $api.useMutation('delete', '/api/schedules/{schedule_id}')
  const bring = $api.useMutation('post', '/api/schedules/{schedule_id}/reactivate')
  const mayChange = can('schedule.manage')
  const of = ({ id: schedule_id }: Schedule) => ({ params: { path: { schedule_id } } })
  const where = ({ facility_id }: Schedule) => choices.facilities.find(({ value }) => value === facility_id)?.label ?? ''
  const isRow = (of: number[]) => of.length > 2 && of.every((one, nth) => nth === 0 || one - 1 === of[nth - 1])
  const days = (of: number[]) => (isRow(of) ? `${t(`setup.day.${of[0]}`)}–${t(`setup.day.${of.at(-1)}`)}` : of.map((one) => t(`setup.day.${one}`)).join(', '))

  const columns: Column<Schedule>[] = [
    { id: 'doctor', head: choices.bookableWord, skeleton: 160, cell: (one) => <><b>{one.practitioner_name}</b> <span className="dim2">{where(one)}</span></> },
    { id: 'room', head: t('setup.room'), onNarrow: 'hide', cell: ({ room_name }) => room_name },
    { id: 'week', head: t('setup.week'), onNarrow: 'hide', cell: ({ sessions }) => <span className="num">{weekInShort(sessions).map((line) => `${days(line.days)} ${line.hours}`).join('; ')}</span> },
    { id: 'kind', head: t('setup.kind'), cell: (one) => t(`setup.kinds.${one.kind}`), width: 90 },
    { id: 'until', head: t('setup.validTo'), onNarrow: 'hide', cell: ({ valid_to }) => <span className="num">{valid_to ? bareDay(valid_to, 'date') : t('setup.noEnd')}</span> },
  ]
  return (
    <Directory
      {...place}
      title={t('setup.schedules.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ practitioner_name }) => practitioner_name}
      tools={<Select aria-label={choices.bookableWord} placeholder={t('setup.everyDoctor')} clearable searchable data={choices.practitioners} value={practitionerId} onChange={setPractitionerId} />}
      add={mayChange ? t('setup.schedules.add') : undefined}
      empty={<EmptyState title={t('setup.schedules.none')} why={t('setup.schedules.noneWhy')} />}
      form={(row, done, close) => <ScheduleForm schedule={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? {
              title: t('setup.schedules.endTitle'),
              action: (name) => t('setup.schedules.end', { name }),
              restate: t('setup.schedules.endWhy'),
              done: (name) => t('setup.schedules.ended', { name }),
              end: (row) => end.mutateAsync(of(row)),
            }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}
