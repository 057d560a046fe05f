import { Checkbox, NumberInput, Select } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { ErrorState, FieldRow, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import styles from './Setup.module.css'

type Rules = components['schemas']['BookingRulesRead']
const moments = ['booking', 'arrival', 'check-in'] as const
const numbers = ['days_ahead', 'cancel_until_minutes', 'open_per_patient', 'revisit_days', 'slip_valid_days'] as const

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

function RulesForm({ rules, onDone }: { rules: Rules; onDone: () => void }) {
  const { t } = useTranslation('scheduling')
  const put = $api.useMutation('put', '/api/booking-rules')
  const { version, ...initialValues } = rules
  const form = useForm<Omit<Rules, 'version'>>({
    initialValues,
    validate: Object.fromEntries(numbers.map((name) => [name, (value: unknown) => (typeof value === 'number' ? null : t('setup.needed'))])),
  })
  return (
    <SideForm
      title={t('setup.rules.title')}
      form={form}
      action={can('organization.manage') ? t('setup.save') : undefined}
      send={async (values) => {
        await put.mutateAsync({ params: { header: ifMatch(version) }, body: values })
        toast({ title: t('setup.rules.saved') })
        onDone()
      }}
    >
      <Checkbox label={t('setup.rules.confirming')} description={t('setup.rules.confirmingHint')} {...form.getInputProps('patient_bookings_need_confirming', { type: 'checkbox' })} />
      <FieldRow>
        <NumberInput label={t('setup.rules.daysAhead')} description={t('setup.rules.daysAheadHint')} min={0} max={366} hideControls {...form.getInputProps('days_ahead')} />
        <NumberInput label={t('setup.rules.cancelUntil')} description={t('setup.rules.cancelUntilHint')} min={0} max={10080} hideControls {...form.getInputProps('cancel_until_minutes')} />
      </FieldRow>
      <FieldRow>
        <NumberInput label={t('setup.rules.open')} description={t('setup.rules.openHint')} min={1} max={100} hideControls {...form.getInputProps('open_per_patient')} />
        <NumberInput label={t('setup.rules.revisit')} description={t('setup.rules.revisitHint')} min={0} max={366} hideControls {...form.getInputProps('revisit_days')} />
      </FieldRow>
      <FieldRow>
        <Select label={t('setup.rules.token')} description={t('setup.rules.tokenHint')} allowDeselect={false} data={moments.map((value) => ({ value, label: t(`setup.rules.tokenAt.${value}`) }))} {...form.getInputProps('token_given_at')} />
        <NumberInput label={t('setup.rules.slip')} description={t('setup.rules.slipHint')} min={0} max={366} hideControls {...form.getInputProps('slip_valid_days')} />
      </FieldRow>
    </SideForm>
  )
}
