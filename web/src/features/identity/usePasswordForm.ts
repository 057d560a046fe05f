import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { focusFirstError } from '~/lib/api'
import { useFaults } from '~/lib/useProblemText'
import { passwordRules, type Passwords } from './NewPassword'

/** The form behind both places where a password is changed. `current`: what is known already and not asked. */
export function usePasswordForm(change: (passwords: Passwords) => Promise<void>, current = '') {
  const { t } = useTranslation('identity')
  const showFaults = useFaults()
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const form = useForm<Passwords>({ initialValues: { current, new: '', again: '' }, validate: passwordRules(t) })

  const submit = form.onSubmit(
    async (passwords) => {
      if (sending) return
      setSending(true)
      setRefusal(null)
      try {
        await change(passwords)
        form.reset()
      } catch (error) {
        if (!showFaults(form, error)) setRefusal(error)
      } finally {
        setSending(false)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  return { form, submit, sending, refusal }
}
