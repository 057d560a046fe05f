import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, Facts, Panel, PanelBody, type Column } from '~/ui'
import { Directory, directoryPage, type DirectoryProps } from '~/ui/directory'
import { LeaveRebooking, type LeaveToRebook } from '../leave'
import { LeaveForm } from './LeaveForm'
import { useChoices } from './useChoices'

type Exception = components['schemas']['ExceptionRead']

/** Leave, holidays and extra sessions, from today on. */
export function Leave(place: DirectoryProps) {
  const { t } = useTranslation('scheduling')
  const { date, time, today } = useFormats()
  const choices = useChoices()
  const [rebooking, setRebooking] = useState<{ leave: LeaveToRebook; then: () => void } | null>(null)
  const list = $api.useQuery('get', '/api/schedule-exceptions', { params: { query: { from: today(), skip: place.at.skip, limit: directoryPage } } })
  const end = $api.useMutation('delete', '/api/schedule-exceptions/{exception_id}')
  const doctorOf = ({ practitioner_id }: Exception) => choices.nameOf(practitioner_id)
  const branchOf = ({ facility_id }: Exception) => choices.facilities.find(({ value }) => value === facility_id)?.label ?? t('setup.everyBranch')
  const who = (one: Exception) => doctorOf(one) ?? branchOf(one)
  const at = (moment: string) => `${date(moment)} ${time(moment)}`

  const columns: Column<Exception>[] = [
    { id: 'who', head: t('setup.leave.who'), skeleton: 160, cell: (one) => <><b>{who(one)}</b> <span className="dim2">{one.reason}</span></> },
    { id: 'kind', head: t('setup.leave.kind'), cell: (one) => t(`setup.leave.kinds.${one.kind}`), width: 110 },
    { id: 'from', head: t('setup.from'), onNarrow: 'hide', cell: ({ starts_at }) => <span className="num">{at(starts_at)}</span> },
    { id: 'to', head: t('setup.to'), onNarrow: 'hide', cell: ({ ends_at }) => <span className="num">{at(ends_at)}</span> },
  ]
  return (
    <>
      {rebooking && (
        <LeaveRebooking
          leave={rebooking.leave} onClose={() => setRebooking(null)}
          onDone={() => {
            setRebooking(null)
            rebooking.then()
          }}
        />
      )}
      <Directory
        {...place}
        withInactive={false}
        title={t('setup.leave.title')}
        list={list}
        columns={columns}
        idOf={({ id }) => id}
        nameOf={who}
        add={can('schedule.manage') ? t('setup.leave.add') : undefined}
        empty={<EmptyState title={t('setup.leave.none')} why={t('setup.leave.noneWhy')} />}
        form={(row, done, close) =>
          row ? (
            <Panel title={who(row)}>
              <PanelBody>
                <Facts
                  items={[
                    [t('setup.leave.kind'), t(`setup.leave.kinds.${row.kind}`)],
                    [t('setup.branch'), branchOf(row)],
                    [t('setup.from'), at(row.starts_at)],
                    [t('setup.to'), at(row.ends_at)],
                    [t('setup.leave.reason'), row.reason || '–'],
                  ]}
                />
                {row.kind !== 'extra' && <Button variant="default" onClick={() => setRebooking({ leave: { exception_id: row.id }, then: close })}>{t('leave.open')}</Button>}
              </PanelBody>
            </Panel>
          ) : (
            <LeaveForm
              onClose={close}
              onRebook={(leave) => setRebooking({ leave: { leave }, then: done })}
              onDone={done}
            />
          )
        }
        ending={
          can('schedule.manage')
            ? {
                title: t('setup.leave.endTitle'),
                action: (name) => t('setup.leave.end', { name }),
                restate: t('setup.leave.endWhy'),
                done: (name) => t('setup.leave.ended', { name }),
                end: ({ id: exception_id }) => end.mutateAsync({ params: { path: { exception_id } } }),
              }
            : undefined
        }
      />
    </>
  )
}
