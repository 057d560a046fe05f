import { Checkbox, NumberInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { ErrorState } from '~/ui/ErrorState'
import { toast } from '~/ui/toast'
import { SideForm } from '~/ui/directory'
import styles from './Proofs.module.css'

type Rules = components['schemas']['SignInRulesRead']

/** What the hospital asks of its staff at the door. */
export function SignInRules() {
  const rules = $api.useQuery('get', '/api/sign-in-rules')
  if (rules.error && !rules.data) return <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />
  return rules.data ? (
    <div className={styles.narrow}>
      <RulesForm key={rules.data.version} rules={rules.data} onDone={() => void rules.refetch()} />
    </div>
  ) : null
}

function RulesForm({ rules: { version, ...initialValues }, onDone }: { rules: Rules; onDone: () => void }) {
  const { t } = useTranslation('proofs')
  const put = $api.useMutation('put', '/api/sign-in-rules')
  const form = useForm<Omit<Rules, 'version'>>({
    initialValues,
    validate: { window_minutes: (value) => (typeof value === 'number' ? null : t('rules.needed')) },
  })
  return (
    <SideForm
      title={t('rules.title')}
      form={form}
      action={can('organization.manage') ? t('rules.save') : undefined}
      send={async (body) => {
        await put.mutateAsync({ params: { header: ifMatch(version) }, body })
        toast({ title: t('rules.saved') })
        onDone()
      }}
    >
      <Checkbox label={t('rules.demand')} description={t('rules.demandHint')} {...form.getInputProps('second_factor_demanded', { type: 'checkbox' })} />
      <NumberInput label={t('rules.window')} description={t('rules.windowHint')} min={0} max={720} hideControls {...form.getInputProps('window_minutes')} />
    </SideForm>
  )
}
