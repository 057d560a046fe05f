import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, focusFirstError } from '~/lib/api'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from '../Gate.module.css'

/** One's PIN for shared counters: set with the password, replaced, removed. */
export function PinForm() {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const showFaults = useFaults()
  const mine = $api.useQuery('get', '/api/me/pin')
  const keep = $api.useMutation('put', '/api/me/pin')
  const drop = $api.useMutation('delete', '/api/me/pin')
  const [refusal, setRefusal] = useState<unknown>(null)
  const form = useForm({
    initialValues: { current: '', pin: '' },
    validate: {
      current: (value) => (value ? null : t('password.current.missing')),
      pin: (value) => (/^\d{4,6}$/.test(value) ? null : t('pin.shape')),
    },
  })
  const submit = form.onSubmit(
    async (body) => {
      if (keep.isPending) return
      setRefusal(null)
      try {
        await keep.mutateAsync({ body })
        form.reset()
        toast({ title: t('pin.saved') })
        void mine.refetch()
      } catch (error) {
        if (!showFaults(form, error)) setRefusal(error)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  const remove = async () => {
    await drop.mutateAsync({})
    toast({ title: t('pin.dropped') })
    void mine.refetch()
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('pin.title')}>
      <p className={styles.note}>{t('pin.why')}</p>
      {mine.data?.is_set && <Notice tone="neutral">{t('pin.set')}</Notice>}
      <PasswordInput label={t('password.current.label')} autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': t('password.toggle') }} {...form.getInputProps('current')} />
      <TextInput label={t('pin.label')} description={t('pin.hint')} type="password" inputMode="numeric" autoComplete="off" maxLength={6} {...form.getInputProps('pin')} />
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
        <Button type="submit" loading={keep.isPending}>
          {t('pin.save')}
        </Button>
        {mine.data?.is_set && (
          <Button variant="default" loading={drop.isPending} onClick={() => void remove()}>
            {t('pin.drop')}
          </Button>
        )}
      </div>
    </form>
  )
}
