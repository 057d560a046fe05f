import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '~/lib/api'
import { Notice } from '~/ui/Notice'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

/** Ask for a link by e-mail. The answer is the same whether or not anybody signs in with this. */
export function Forgot({ username, onBack }: { username: string; onBack: () => void }) {
  const { t } = useTranslation('proofs')
  const [isSent, setSent] = useState(false)
  const form = useForm({ initialValues: { username }, validate: { username: (value) => (value.trim() ? null : t('forgot.missing')) } })
  const { submit, sending, refusal } = useSending(form, async (values) => {
    await api.POST('/api/auth/forgot', { body: { username: values.username.trim() } })
    setSent(true)
  })
  return (
    <Gate title={t('forgot.title')} note={isSent ? undefined : t('forgot.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {isSent ? (
          <div role="status">
            <Notice tone="neutral">{t('forgot.sent')}</Notice>
          </div>
        ) : (
          <>
            <TextInput label={t('forgot.username')} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus {...form.getInputProps('username')} />
            <Refusal of={refusal} />
            <Button type="submit" size="lg" className={styles.submit} loading={sending}>
              {t('forgot.submit')}
            </Button>
          </>
        )}
        <button type="button" className={styles.quiet} onClick={onBack}>
          {t('back')}
        </button>
      </form>
    </Gate>
  )
}
