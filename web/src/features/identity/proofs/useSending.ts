import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { asProblem, focusFirstError } from '~/lib/api'
import { useFaults } from '~/lib/useProblemText'

/** A form of the pages before the shell: sends once, and shows a refusal beside its field or as `refusal`. */
export function useSending<Values extends Record<string, unknown>>(form: UseFormReturnType<Values>, send: (values: Values) => Promise<unknown>) {
  const showFaults = useFaults()
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const submit = form.onSubmit(
    async (values) => {
      if (sending) return
      setSending(true)
      setRefusal(null)
      try {
        await send(values as Values)
      } catch (error) {
        // a wait is said in whole: the field is not what is wrong
        if (asProblem(error).retryAfter_s || !showFaults(form, error)) setRefusal(error)
      } finally {
        setSending(false)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  return { submit, sending, refusal }
}
