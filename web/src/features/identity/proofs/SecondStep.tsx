import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { passSecondStep, startAgain } from '~/lib/session'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { CodeField } from './CodeField'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

/** After the right password: the code from the phone. */
export function SecondStep() {
  const { t } = useTranslation('proofs')
  const form = useForm({ initialValues: { code: '' }, validate: { code: (value) => (value.trim() ? null : t('code.missing')) } })
  const { submit, sending, refusal } = useSending(form, ({ code }) => passSecondStep(code.trim()))
  return (
    <Gate title={t('secondStep.title')} note={t('secondStep.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <CodeField {...form.getInputProps('code')} />
        <Refusal of={refusal} />
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('secondStep.submit')}
        </Button>
        <button type="button" className={styles.quiet} onClick={startAgain}>
          {t('back')}
        </button>
      </form>
    </Gate>
  )
}
