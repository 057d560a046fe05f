import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, asProblem } from '~/lib/api'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { PasswordFields, passwordRules, type Passwords } from '../NewPassword'
import { Ended } from './Ended'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

/** A new password in place of a forgotten one. */
export function ResetPassword({ token }: { token: string }) {
  const { t } = useTranslation('proofs')
  const { t: identity } = useTranslation('identity')
  const [ended, setEnded] = useState<'done' | 'expired' | null>(token ? null : 'expired')
  const form = useForm<Passwords>({ initialValues: { current: '', new: '', again: '' }, validate: { ...passwordRules(identity), current: () => null } })
  const { submit, sending, refusal } = useSending(form, async (values) => {
    try {
      await api.POST('/api/auth/reset', { body: { token, password: values.new } })
      setEnded('done')
    } catch (error) {
      if (asProblem(error).code !== 'link_expired') throw error
      setEnded('expired')
    }
  })
  if (ended === 'done') return <Ended title={t('reset.done')} why={t('reset.doneWhy')} />
  if (ended === 'expired') return <Ended title={t('expired.title')} why={t('expired.why')} />
  return (
    <Gate title={t('reset.title')} note={t('reset.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <PasswordFields form={form} withCurrent={false} />
        <Refusal of={refusal} />
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('reset.submit')}
        </Button>
      </form>
    </Gate>
  )
}
