import { NumberInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, Facts, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'

type Counter = components['schemas']['CounterRead']

/** The computers that people share: made on the computer itself, looked after here. */
export function Counters(place: DirectoryProps) {
  const { t } = useTranslation('identity')
  const list = $api.useQuery('get', '/api/counters', { params: { query: directoryQuery(place.at) } })
  const facilities = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  const end = $api.useMutation('delete', '/api/counters/{counter_id}')
  const bring = $api.useMutation('post', '/api/counters/{counter_id}/reactivate')
  const where = ({ facility_id }: Counter) => facilities.data?.items.find(({ id }) => id === facility_id)?.name ?? ''
  const of = ({ id: counter_id }: Counter) => ({ params: { path: { counter_id } } })

  const columns: Column<Counter>[] = [
    { id: 'name', head: t('counter.name'), cell: (one) => <><b>{one.name}</b> <span className="dim2">{where(one)}</span></> },
    { id: 'idle', head: t('counter.idle'), cell: ({ idle_minutes }) => <span className="num">{t('counter.minutes', { count: idle_minutes })}</span> },
  ]
  return (
    <Directory
      {...place}
      title={t('counter.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      empty={<EmptyState title={t('counter.none')} why={t('counter.noneWhy')} />}
      form={(row, done, close) => row && <CounterForm key={row.version} counter={row} where={where(row)} onDone={() => done()} onClose={close} />}
      ending={{
        title: t('counter.endTitle'),
        action: (name) => t('counter.end', { name }),
        restate: t('counter.endWhy'),
        done: (name) => t('counter.ended', { name }),
        end: (row) => end.mutateAsync(of(row)),
      }}
      reactivate={(row) => bring.mutateAsync(of(row))}
    />
  )
}

function CounterForm({ counter, where, onDone, onClose }: { counter: Counter; where: string; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('identity')
  const { date } = useFormats()
  const change = $api.useMutation('patch', '/api/counters/{counter_id}')
  const form = useForm({
    initialValues: { name: counter.name, idle_minutes: counter.idle_minutes as number | string },
    validate: {
      name: (value) => (value.trim() ? null : t('setup.missing')),
      idle_minutes: (value) => (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 60 ? null : t('counter.idleShape')),
    },
  })
  return (
    <SideForm
      title={counter.name}
      form={form}
      action={counter.is_active ? t('counter.save') : undefined}
      onClose={onClose}
      send={async ({ name, idle_minutes }) => {
        const body = { name: name.trim(), idle_minutes: Number(idle_minutes) }
        await change.mutateAsync({ params: { path: { counter_id: counter.id }, header: ifMatch(counter.version) }, body })
        toast({ title: t('counter.saved', { name: body.name }) })
        onDone()
      }}
    >
      <TextInput label={t('counter.name')} {...form.getInputProps('name')} />
      <NumberInput label={t('counter.idle')} min={1} max={60} allowDecimal={false} {...form.getInputProps('idle_minutes')} />
      <Facts items={[[t('counter.where'), where], [t('counter.since'), date(counter.created_at)]]} />
    </SideForm>
  )
}
