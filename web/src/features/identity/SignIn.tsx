import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { lazy, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, focusFirstError } from '~/lib/api'
import { signIn } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { Gate } from './Gate'
import { Refused, type Refusal } from './Refused'
import styles from './Gate.module.css'
import { withProofs } from './proofs/words'

const Forgot = lazy(() => withProofs(import('./proofs/Forgot')).then(({ Forgot }) => ({ default: Forgot })))

type Props = {
  because: 'nobody' | 'left' | 'locked' | 'expired'
  /** Who locked this screen: the name waits, only the password is asked. */
  username?: string
  /** Where there is a list of people to go back to. */
  onBack?: () => void
  /** Another way in, under the button. */
  other?: ReactNode
}

/** Username, e-mail or phone, and the password. Patients and staff sign in alike; the shell then sends them home. */
export function SignIn({ because, username, onBack, other }: Props) {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [sending, setSending] = useState(false)
  const [hasForgotten, setForgotten] = useState(false)
  const [lockedFor, setLockedFor] = useState(because === 'locked' ? username : undefined)
  const form = useForm({
    initialValues: { username: username ?? '', password: '' },
    validate: {
      username: (value) => (value.trim() ? null : t('signIn.username.missing')),
      password: (value) => (value ? null : t('signIn.password.missing')),
    },
  })

  const refuse = (error: unknown) => {
    const problem = asProblem(error)
    const wait_s = problem.retryAfter_s
    if (wait_s) setRefusal({ text: t('signIn.tooMany'), until: Date.now() + wait_s * 1000 })
    else setRefusal({ text: words(problem), until: null })
    form.getInputNode('password')?.focus()
  }
  const submit = form.onSubmit(
    async ({ username, password }) => {
      if (sending || (refusal?.until && refusal.until > Date.now())) return form.getInputNode('password')?.focus()
      setSending(true)
      setRefusal(null)
      await signIn(username.trim(), password).catch(refuse)
      setSending(false)
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  const someoneElse = () => {
    setLockedFor(undefined)
    form.setValues({ username: '', password: '' })
    requestAnimationFrame(() => form.getInputNode('username')?.focus())
  }
  if (hasForgotten) return <Forgot username={form.values.username.trim()} onBack={() => setForgotten(false)} />
  return (
    <Gate title={t(lockedFor ? 'signIn.locked' : 'signIn.title')} note={because === 'expired' ? t('signIn.expired') : undefined}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextInput
          label={t('signIn.username.label')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!lockedFor}
          {...form.getInputProps('username')}
        />
        <PasswordInput
          label={t('signIn.password.label')}
          autoComplete="current-password"
          autoFocus={!!lockedFor}
          visibilityToggleButtonProps={{ 'aria-label': t('password.toggle') }}
          {...form.getInputProps('password')}
        />
        {refusal && <Refused {...refusal} />}
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('signIn.submit')}
        </Button>
        {other}
        {onBack && (
          <button type="button" className={styles.quiet} onClick={onBack}>
            {t('counter.back')}
          </button>
        )}
        {!lockedFor && !onBack && (
          <a className={styles.quiet} href="/my/register">
            {t('signIn.newHere')}
          </a>
        )}
        <button type="button" className={styles.quiet} onClick={() => setForgotten(true)}>
          {t('signIn.forgot')}
        </button>
        {lockedFor && (
          <button type="button" className={styles.quiet} onClick={someoneElse}>
            {t('signIn.someoneElse')}
          </button>
        )}
      </form>
    </Gate>
  )
}
