import { ActionIcon, Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { X } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, focusFirstError, useIdempotent } from '~/lib/api'
import { useKeys } from '~/lib/keys'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { Notice } from '../Notice'
import { Panel, PanelBody } from '../Panel'
import styles from './Directory.module.css'

type Props<Values extends Record<string, unknown>> = {
  title: string
  form: UseFormReturnType<Values>
  /** The filled button's words; left out, nothing is saved here. */
  action?: string
  send: (values: Values, headers: { 'Idempotency-Key': string }) => Promise<unknown>
  /** Which field a refusal is about, where it has one: { code_taken: 'code' }. */
  about?: Record<string, string>
  onClose?: () => void
  children: ReactNode
}

/** A form in a panel: what is wrong stands beside its field, the rest above the button; a double press sends once. */
export function SideForm<Values extends Record<string, unknown>>({ title, form, action, send, about = {}, onClose, children }: Props<Values>) {
  const { t } = useTranslation('ui')
  const words = useProblemText()
  const showFaults = useFaults()
  const idempotent = useIdempotent()
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  useKeys({ back: onClose })

  const refuse = (error: unknown) => {
    const field = about[asProblem(error).code]
    if (field) {
      form.setFieldError(field, words(error))
      requestAnimationFrame(() => focusFirstError(form, [field]))
    } else if (!showFaults(form, error)) setRefusal(error)
  }
  const submit = form.onSubmit(
    async (values) => {
      if (sending) return
      setSending(true)
      setRefusal(null)
      try {
        await idempotent((headers) => send(values as Values, headers))
      } catch (error) {
        refuse(error)
      } finally {
        setSending(false)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  return (
    <Panel
      title={title}
      right={
        onClose && (
          <ActionIcon size="sm" aria-label={t('dialog.close')} onClick={onClose}>
            <X size={16} aria-hidden />
          </ActionIcon>
        )
      }
    >
      <PanelBody>
        <form className={styles.form} onSubmit={submit} noValidate aria-label={title}>
          {children}
          {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
          {action && (
            <div className={styles.buttons}>
              <Button type="submit" loading={sending}>
                {action}
              </Button>
            </div>
          )}
        </form>
      </PanelBody>
    </Panel>
  )
}
