import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { changePassword } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from './Gate.module.css'
import { PasswordFields } from './NewPassword'
import { usePasswordForm } from './usePasswordForm'

/** Change one's own password; other sessions are ended by the server. */
export function PasswordForm() {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const { form, submit, sending, refusal } = usePasswordForm(async ({ current, new: fresh }) => {
    await changePassword(current, fresh)
    toast({ title: t('password.changed') })
  })
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <PasswordFields form={form} />
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <Button type="submit" loading={sending} style={{ justifySelf: 'start' }}>
        {t('password.submit')}
      </Button>
    </form>
  )
}
