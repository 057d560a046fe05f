import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, api, asProblem } from '~/lib/api'
import { signIn } from '~/lib/session'
import { currentLanguage } from '~/lib/words'
import { ErrorState } from '~/ui/ErrorState'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { shortestPassword } from '../NewPassword'
import { Ended } from './Ended'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

type Offered = components['schemas']['OfferedPlace']

/** A place that waits: who has an account agrees, who has none says who they are. */
export function AcceptInvitation({ token }: { token: string }) {
  const { t } = useTranslation('proofs')
  const offered = $api.useQuery('post', '/api/auth/invitation', { body: { token } }, { enabled: token !== '', retry: false, staleTime: Infinity })
  if (!token || asProblem(offered.error).code === 'link_expired') return <Ended title={t('expired.title')} why={t('expired.whyInvited')} />
  if (offered.error) return <ErrorState error={offered.error} onRetry={() => void offered.refetch()} />
  if (!offered.data) return null
  return offered.data.has_account ? <Agree token={token} offered={offered.data} /> : <Join token={token} offered={offered.data} />
}

function useOffer({ hospital, role }: Offered) {
  const { t } = useTranslation(['proofs', 'identity'])
  return { title: t('invited.title', { hospital }), note: t('invited.as', { role: t(`identity:role.${role}`) }) }
}

type Props = { token: string; offered: Offered }

function Agree({ token, offered }: Props) {
  const { t } = useTranslation('proofs')
  const offer = useOffer(offered)
  const [isDone, setDone] = useState(false)
  const form = useForm({ initialValues: {} })
  const { submit, sending, refusal } = useSending(form, async () => {
    await api.POST('/api/auth/invitation/accept', { body: { token } })
    setDone(true)
  })
  if (isDone) return <Ended title={t('invited.done', { hospital: offered.hospital })} why={t('invited.doneWhy')} />
  return (
    <Gate title={offer.title} note={offer.note}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <p className={styles.note}>{t('invited.known', { email: offered.email })}</p>
        <Refusal of={refusal} />
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('invited.agree', { hospital: offered.hospital })}
        </Button>
      </form>
    </Gate>
  )
}

function Join({ token, offered }: Props) {
  const { t } = useTranslation(['proofs', 'identity'])
  const offer = useOffer(offered)
  const form = useForm({
    initialValues: { account: { name: '', username: '', password: '' } },
    validate: {
      account: {
        name: (value) => (value.trim() ? null : t('identity:setup.missing')),
        username: (value) => (/^[A-Za-z][A-Za-z0-9._-]{1,39}$/.test(value.trim()) ? null : t('identity:setup.usernameShape')),
        password: (value) => (value.length >= shortestPassword ? null : t('identity:password.new.short', { count: shortestPassword })),
      },
    },
  })
  const { submit, sending, refusal } = useSending(form, async ({ account: { name, username, password } }) => {
    try {
      const account = { name: name.trim(), username: username.trim(), password, language: currentLanguage() }
      await api.POST('/api/auth/invitation/accept', { body: { token, account } })
    } catch (error) {
      if (asProblem(error).code !== 'username_taken') throw error
      form.setFieldError('account.username', t('identity:fault.username_taken'))
      form.getInputNode('account.username')?.focus()
      return
    }
    await signIn(username.trim(), password)
    location.assign('/')
  })
  return (
    <Gate title={offer.title} note={offer.note}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <p className={styles.note}>{t('invited.newcomer', { email: offered.email })}</p>
        <TextInput label={t('identity:setup.adminName')} autoComplete="name" autoFocus {...form.getInputProps('account.name')} />
        <TextInput label={t('identity:setup.username')} autoComplete="username" autoCapitalize="none" spellCheck={false} {...form.getInputProps('account.username')} />
        <PasswordInput
          label={t('identity:setup.password')}
          description={t('identity:password.new.hint', { count: shortestPassword })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('toggle') }}
          {...form.getInputProps('account.password')}
        />
        <Refusal of={refusal} />
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('invited.join', { hospital: offered.hospital })}
        </Button>
      </form>
    </Gate>
  )
}
