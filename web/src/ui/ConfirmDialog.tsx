import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './ConfirmDialog.module.css'
import { Dialog } from './Dialog'
import { Key } from './Key'
import { Notice } from './Notice'
import { useProblemText } from '~/lib/useProblemText'

type Props = {
  opened: boolean
  title: string
  /** Restate whom and what it hits: the person, the drug, the time. */
  restate: ReactNode
  /** Named by its effect and its object: "Cancel Pushpa Yadav, 11:10". */
  action: string
  /** Red is for what destroys; an override is petrol. */
  destroys?: boolean
  keep?: string
  /** A reason field, where one is asked. */
  children?: ReactNode
  /** May refuse by throwing: the dialog stays and says why. Return false to stay without a word (a field is in error). */
  onConfirm: () => Promise<unknown> | unknown
  onClose: () => void
}

/** Asked before something is destroyed or overridden, never otherwise. Esc and the first focus are the safe way out. */
export function ConfirmDialog({ opened, title, restate, action, destroys = true, keep, children, onConfirm, onClose }: Props) {
  const { t } = useTranslation('ui')
  const words = useProblemText()
  const [running, setRunning] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)

  const close = () => {
    setRefusal(null)
    onClose()
  }
  const confirm = async () => {
    if (running) return
    setRunning(true)
    setRefusal(null)
    try {
      if ((await onConfirm()) !== false) close()
    } catch (error) {
      setRefusal(error)
    } finally {
      setRunning(false)
    }
  }
  return (
    <Dialog opened={opened} onClose={close} title={title}>
      <div className={styles.body}>
        <div className={styles.restate}>{restate}</div>
        {children}
        {refusal !== null && (
          <Notice urgent tone="attention">
            {words(refusal)}
          </Notice>
        )}
        <div className={styles.buttons}>
          <Button variant="default" onClick={close} autoFocus={!children} rightSection={<Key of="back" />}>
            {keep ?? t('confirm.keep')}
          </Button>
          <Button color={destroys ? 'red' : undefined} loading={running} onClick={() => void confirm()}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
