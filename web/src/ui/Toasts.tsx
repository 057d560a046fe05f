import { ActionIcon } from '@mantine/core'
import { Check, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import { Key } from './Key'
import { dismiss, toasts, type Shown } from './toast'
import styles from './Toasts.module.css'

const shownFor_ms = 6_000

/** The place where toasts appear; one in each shell. */
export function Toasts() {
  const { t } = useTranslation('ui')
  const shown = toasts.use()
  return (
    <div className={styles.stack} role="status" aria-label={t('toast.list')}>
      {shown.map((one, at) => (
        <ToastCard key={one.id} toast={one} isLast={at === shown.length - 1} />
      ))}
    </div>
  )
}

function ToastCard({ toast, isLast }: { toast: Shown; isLast: boolean }) {
  const { t } = useTranslation('ui')
  const [held, setHeld] = useState(false)
  const { id, title, detail, undo } = toast

  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(id), shownFor_ms)
    return () => clearTimeout(timer)
  }, [held, id])

  const takeBack = () => {
    dismiss(id)
    undo?.()
  }
  useKeys(isLast && undo ? { undo: takeBack } : {})
  return (
    <div className={styles.toast} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <span className={styles.done}>
        <Check size={14} aria-hidden />
      </span>
      <div className={styles.text}>
        <b>{title}</b>
        {(detail || undo) && (
          <span>
            {detail}{' '}
            {undo && (
              <button type="button" onClick={takeBack}>
                {t('toast.undo')}
                {isLast && <Key of="undo" />}
              </button>
            )}
          </span>
        )}
      </div>
      <ActionIcon aria-label={t('toast.close')} onClick={() => dismiss(id)}>
        <X size={15} />
      </ActionIcon>
    </div>
  )
}
