import { Checkbox, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { ErrorState, FieldRow, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import styles from './Setup.module.css'
import { useChoices } from './useChoices'

type Rules = components['schemas']['BookingRulesRead']
const moments = ['booking', 'arrival', 'check-in'] as const
const orders = ['by-turns', 'appointments-first', 'by-arrival'] as const
const markings = ['by-hand', 'after-session', 'after-minutes'] as const
const numbers = ['days_ahead', 'cancel_until_minutes', 'open_per_patient', 'revisit_days', 'revisit_fee', 'slip_valid_days', 'min_notice_minutes', 'noshow_minutes', 'noshow_limit', 'noshow_days'] as const
const times = ['quiet_from', 'quiet_until'] as const

/** How this hospital books. */
export function BookingRules() {
  const rules = $api.useQuery('get', '/api/booking-rules')
  if (rules.error && !rules.data) return <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />
  return rules.data ? (
    <div className={styles.rules}>
      <RulesForm key={rules.data.version} rules={rules.data} onDone={() => void rules.refetch()} />
    </div>
  ) : null
}

type Values = Omit<Rules, 'version' | 'revisit_fee_paise'> & { revisit_fee: number }

function RulesForm({ rules, onDone }: { rules: Rules; onDone: () => void }) {
  const { t } = useTranslation('scheduling')
  const put = $api.useMutation('put', '/api/booking-rules')
  const { version, revisit_fee_paise, ...initial } = rules
  const choices = useChoices()
  const departments = $api.useQuery('get', '/api/departments', { params: { query: { limit: 200 } } })
  const form = useForm<Values>({
    initialValues: { ...initial, revisit_fee: revisit_fee_paise / 100 },
    validate: {
      ...Object.fromEntries(numbers.map((name) => [name, (value: unknown) => (typeof value === 'number' ? null : t('setup.needed'))])),
      ...Object.fromEntries(times.map((name) => [name, (value: unknown) => (value ? null : t('setup.needed'))])),
    },
  })
  return (
    <SideForm
      title={t('setup.rules.title')}
      form={form}
      action={can('organization.manage') ? t('setup.save') : undefined}
      send={async ({ revisit_fee, ...values }) => {
        await put.mutateAsync({ params: { header: ifMatch(version) }, body: { ...values, revisit_fee_paise: Math.round(revisit_fee * 100) } })
        toast({ title: t('setup.rules.saved') })
        onDone()
      }}
    >
      <Checkbox label={t('setup.rules.confirming')} description={t('setup.rules.confirmingHint')} {...form.getInputProps('patient_bookings_need_confirming', { type: 'checkbox' })} />
      {!form.values.patient_bookings_need_confirming && (
        <>
          <Checkbox label={t('setup.rules.firstVisits')} {...form.getInputProps('first_visits_need_confirming', { type: 'checkbox' })} />
          <MultiSelect label={t('setup.rules.confirmDoctors')} data={choices.practitioners} searchable clearable {...form.getInputProps('confirm_practitioner_ids')} />
          <MultiSelect label={t('setup.rules.confirmDepartments')} data={(departments.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} searchable clearable {...form.getInputProps('confirm_department_ids')} />
        </>
      )}
      <FieldRow>
        <NumberInput label={t('setup.rules.daysAhead')} description={t('setup.rules.daysAheadHint')} min={0} max={366} hideControls {...form.getInputProps('days_ahead')} />
        <NumberInput label={t('setup.rules.cancelUntil')} description={t('setup.rules.cancelUntilHint')} min={0} max={10080} hideControls {...form.getInputProps('cancel_until_minutes')} />
      </FieldRow>
      <FieldRow>
        <NumberInput label={t('setup.rules.open')} description={t('setup.rules.openHint')} min={1} max={100} hideControls {...form.getInputProps('open_per_patient')} />
        <NumberInput label={t('setup.rules.notice')} description={t('setup.rules.noticeHint')} min={0} max={10080} hideControls {...form.getInputProps('min_notice_minutes')} />
      </FieldRow>
      <FieldRow>
        <NumberInput label={t('setup.rules.revisit')} description={t('setup.rules.revisitHint')} min={0} max={366} hideControls {...form.getInputProps('revisit_days')} />
        <NumberInput label={t('setup.rules.revisitFee')} description={t('setup.rules.revisitFeeHint')} min={0} max={100000} decimalScale={2} hideControls disabled={!form.values.revisit_days} {...form.getInputProps('revisit_fee')} />
      </FieldRow>
      <FieldRow>
        <Select label={t('setup.rules.token')} description={t('setup.rules.tokenHint')} allowDeselect={false} data={moments.map((value) => ({ value, label: t(`setup.rules.tokenAt.${value}`) }))} {...form.getInputProps('token_given_at')} />
        <NumberInput label={t('setup.rules.slip')} description={t('setup.rules.slipHint')} min={0} max={366} hideControls {...form.getInputProps('slip_valid_days')} />
      </FieldRow>
      <Select label={t('setup.rules.order')} description={t('setup.rules.orderHint')} allowDeselect={false} data={orders.map((value) => ({ value, label: t(`queue.order.${value}`) }))} {...form.getInputProps('queue_order')} />
      <FieldRow>
        <Select label={t('setup.rules.marking')} description={t('setup.rules.markingHint')} allowDeselect={false} data={markings.map((value) => ({ value, label: t(`setup.rules.markings.${value}`) }))} {...form.getInputProps('noshow_marking')} />
        <NumberInput label={t('setup.rules.markMinutes')} description={t('setup.rules.markMinutesHint')} min={0} max={1440} hideControls disabled={form.values.noshow_marking !== 'after-minutes'} {...form.getInputProps('noshow_minutes')} />
      </FieldRow>
      <FieldRow>
        <NumberInput label={t('setup.rules.noshowLimit')} description={t('setup.rules.noshowLimitHint')} min={0} max={100} hideControls {...form.getInputProps('noshow_limit')} />
        <NumberInput label={t('setup.rules.noshowDays')} description={t('setup.rules.noshowDaysHint')} min={1} max={3650} hideControls {...form.getInputProps('noshow_days')} />
      </FieldRow>
      <Checkbox label={t('setup.rules.quiet')} description={t('setup.rules.quietHint')} {...form.getInputProps('has_quiet_hours', { type: 'checkbox' })} />
      {form.values.has_quiet_hours && (
        <FieldRow>
          <TextInput type="time" label={t('setup.rules.quietFrom')} {...form.getInputProps('quiet_from')} />
          <TextInput type="time" label={t('setup.rules.quietUntil')} {...form.getInputProps('quiet_until')} />
        </FieldRow>
      )}
    </SideForm>
  )
}
