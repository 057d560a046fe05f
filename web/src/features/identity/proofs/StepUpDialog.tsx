import { Button, Checkbox, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '~/lib/api'
import { Dialog } from '~/ui/Dialog'
import { Fields } from '~/ui/Field'
import { CodeField } from './CodeField'
import styles from './Proofs.module.css'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

type Props = { opensWindow: boolean; answer: (isProved: boolean) => void }

/** Shows once more who stands here, by password or code; the refused request then goes out again by itself. */
export function StepUpDialog({ opensWindow, answer }: Props) {
  const { t } = useTranslation('proofs')
  const mine = $api.useQuery('get', '/api/me/sign-in')
  const [byCode, setByCode] = useState(false)
  const form = useForm({
    initialValues: { password: '', code: '', open_window: true },
    validate: {
      password: (value) => (byCode || value ? null : t('stepUp.missing')),
      code: (value) => (!byCode || value.trim() ? null : t('code.missing')),
    },
  })
  const { submit, sending, refusal } = useSending(form, async ({ password, code, open_window }) => {
    await api.POST('/api/auth/step-up', {
      body: { ...(byCode ? { code: code.trim() } : { password }), open_window: opensWindow && open_window },
    })
    answer(true)
  })
  return (
    <Dialog opened title={t('stepUp.title')} onClose={() => answer(false)}>
      <form onSubmit={submit} noValidate>
        <Fields>
          <p className={styles.note}>{t('stepUp.note')}</p>
          {byCode ? (
            <CodeField key="code" {...form.getInputProps('code')} />
          ) : (
            <PasswordInput
              key="password"
              label={t('stepUp.password')}
              autoComplete="current-password"
              autoFocus
              visibilityToggleButtonProps={{ 'aria-label': t('toggle') }}
              {...form.getInputProps('password')}
            />
          )}
          {opensWindow && <Checkbox label={t('stepUp.window')} {...form.getInputProps('open_window', { type: 'checkbox' })} />}
          <Refusal of={refusal} />
          {mine.data?.has_second_factor && (
            <button type="button" className={styles.quiet} onClick={() => setByCode(!byCode)}>
              {t(byCode ? 'stepUp.byPassword' : 'stepUp.byCode')}
            </button>
          )}
          <div className={styles.buttons}>
            <Button variant="default" onClick={() => answer(false)}>
              {t('stepUp.cancel')}
            </Button>
            <Button type="submit" loading={sending}>
              {t('stepUp.submit')}
            </Button>
          </div>
        </Fields>
      </form>
    </Dialog>
  )
}
