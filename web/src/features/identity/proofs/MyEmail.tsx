import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { $api, api } from '~/lib/api'
import { ErrorState } from '~/ui/ErrorState'
import { Facts } from '~/ui/Field'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from './Proofs.module.css'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

/** One's own e-mail address: it signs one in, and gets the link when the password is forgotten. */
export function MyEmail() {
  const { t } = useTranslation('proofs')
  const mine = $api.useQuery('get', '/api/me/sign-in')
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (value) => (/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(value.trim()) ? null : t('email.shape')) },
  })
  const { submit, sending, refusal } = useSending(form, async ({ email }) => {
    await api.POST('/api/me/email', { body: { email: email.trim() } })
    toast({ title: t('email.sent'), detail: email.trim() })
    form.reset()
    await mine.refetch()
  })
  if (mine.error && !mine.data) return <ErrorState error={mine.error} onRetry={() => void mine.refetch()} />
  if (!mine.data) return null
  const { email, pending_email } = mine.data
  return (
    <div className={styles.steps}>
      {email && <Facts items={[[t('email.now'), email]]} />}
      {pending_email && <Notice tone="neutral">{t('email.pending', { email: pending_email })}</Notice>}
      <form onSubmit={submit} noValidate>
        <TextInput label={t(email ? 'email.other' : 'email.first')} description={t('email.hint')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <Refusal of={refusal} />
        <Button type="submit" loading={sending}>
          {t('email.submit')}
        </Button>
      </form>
    </div>
  )
}
