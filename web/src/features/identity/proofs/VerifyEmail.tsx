import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, asProblem } from '~/lib/api'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { Ended } from './Ended'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

/** Proves an address. By a press, not by opening: mail programs open links to look into them. */
export function VerifyEmail({ token }: { token: string }) {
  const { t } = useTranslation('proofs')
  const [ended, setEnded] = useState<'done' | 'expired' | null>(token ? null : 'expired')
  const form = useForm({ initialValues: {} })
  const { submit, sending, refusal } = useSending(form, async () => {
    try {
      await api.POST('/api/auth/verify-email', { body: { token } })
      setEnded('done')
    } catch (error) {
      if (asProblem(error).code !== 'link_expired') throw error
      setEnded('expired')
    }
  })
  if (ended === 'done') return <Ended title={t('verify.done')} why={t('verify.doneWhy')} />
  if (ended === 'expired') return <Ended title={t('expired.title')} why={t('expired.why')} />
  return (
    <Gate title={t('verify.title')} note={t('verify.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Refusal of={refusal} />
        <Button type="submit" size="lg" className={styles.submit} loading={sending} autoFocus>
          {t('verify.submit')}
        </Button>
      </form>
    </Gate>
  )
}
