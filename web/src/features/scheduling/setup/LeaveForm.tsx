import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { FieldRow, Optional } from '~/ui'
import { SideForm } from '~/ui/directory'
import { leaveBody, type LeaveValues } from './leaveBody'
import { useChoices } from './useChoices'
import { weekInShort } from './week'

/** Who is away from when to when; a whole day where no time is told. Where someone is booked inside, they come first. */
export function LeaveForm({ onDone, onRebook, onClose }: { onDone: () => void; onRebook: (leave: ReturnType<typeof leaveBody>) => void; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const { today, timeZone } = useFormats()
  const choices = useChoices()
  const schedules = $api.useQuery('get', '/api/schedules', { params: { query: { limit: 200 } } })
  const add = $api.useMutation('post', '/api/schedule-exceptions')
  const look = $api.useMutation('post', '/api/leave-cascades/preview')
  const form = useForm<LeaveValues>({
    initialValues: { kind: 'leave', practitioner_id: null, facility_id: null, schedule_id: null, from: today(), fromTime: '', to: today(), toTime: '', reason: '' },
    validate: {
      practitioner_id: (value, { kind }) => (kind === 'leave' && !value ? t('setup.needed') : null),
      facility_id: (value, { kind }) => (kind === 'holiday' && !value ? t('setup.needed') : null),
      schedule_id: (value, { kind }) => (kind === 'extra' && !value ? t('setup.needed') : null),
      from: (value) => (value ? null : t('setup.needed')),
      fromTime: (value, { kind }) => (kind === 'extra' && !value ? t('setup.needed') : null),
      to: (value, { from }) => (value && value >= from ? null : t('setup.endsBefore')),
      toTime: (value, { kind, from, to, fromTime }) => (kind === 'extra' && !value ? t('setup.needed') : value && from === to && value <= fromTime ? t('setup.endsBefore') : null),
    },
  })
  const { kind } = form.values
  const scheduleOptions = (schedules.data?.items ?? []).map((one) => ({
    value: one.id,
    label: `${one.practitioner_name}: ${weekInShort(one.sessions).map(({ days, hours }) => `${t(`setup.day.${days[0]}`)} ${hours}`).join('; ')}`,
  }))
  return (
    <SideForm
      title={t('setup.leave.add')}
      form={form}
      action={t('setup.leave.add')}
      onClose={onClose}
      send={async (values, headers) => {
        const body = leaveBody(values, timeZone)
        if (body.kind !== 'extra' && (await look.mutateAsync({ body: { leave: body } })).items.length > 0) return onRebook(body)
        await add.mutateAsync({ body, headers })
        onDone()
      }}
    >
      <Select label={t('setup.leave.kind')} allowDeselect={false} data={['leave', 'holiday', 'extra'].map((value) => ({ value, label: t(`setup.leave.kinds.${value}`) }))} {...form.getInputProps('kind')} />
      {kind === 'leave' && <Select label={choices.bookableWord} data={choices.practitioners} searchable allowDeselect={false} {...form.getInputProps('practitioner_id')} />}
      {kind !== 'extra' && (
        <Select label={kind === 'leave' ? <Optional>{t('setup.branch')}</Optional> : t('setup.branch')} placeholder={kind === 'leave' ? t('setup.everyBranch') : undefined} clearable={kind === 'leave'} data={choices.facilities} {...form.getInputProps('facility_id')} />
      )}
      {kind === 'extra' && <Select label={t('setup.leave.schedule')} description={t('setup.leave.scheduleHint')} data={scheduleOptions} searchable allowDeselect={false} {...form.getInputProps('schedule_id')} />}
      <FieldRow>
        <TextInput type="date" label={t('setup.from')} {...form.getInputProps('from')} />
        <TextInput type="time" label={kind === 'extra' ? t('setup.leave.time') : <Optional>{t('setup.leave.time')}</Optional>} {...form.getInputProps('fromTime')} />
      </FieldRow>
      <FieldRow>
        <TextInput type="date" label={t('setup.leave.toDay')} {...form.getInputProps('to')} />
        <TextInput type="time" label={kind === 'extra' ? t('setup.leave.toTime') : <Optional>{t('setup.leave.toTime')}</Optional>} {...form.getInputProps('toTime')} />
      </FieldRow>
      <TextInput label={<Optional>{t('setup.leave.reason')}</Optional>} maxLength={200} {...form.getInputProps('reason')} />
    </SideForm>
  )
}
