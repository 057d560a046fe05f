import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { replacePassword, signOut } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { Gate } from './Gate'
import styles from './Gate.module.css'
import { PasswordFields } from './NewPassword'
import { usePasswordForm } from './usePasswordForm'

/** After a password that someone else gave: choose one's own before anything else. */
export function FirstPassword({ username, password }: { username: string; password: string }) {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const { form, submit, sending, refusal } = usePasswordForm(({ new: fresh }) => replacePassword(fresh), password)
  return (
    <Gate title={t('firstPassword.title')} note={t('firstPassword.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <PasswordFields form={form} username={username} withCurrent={false} />
        {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {t('firstPassword.submit')}
        </Button>
        <button type="button" className={styles.quiet} onClick={() => void signOut()}>
          {t('firstPassword.leave')}
        </button>
      </form>
    </Gate>
  )
}
