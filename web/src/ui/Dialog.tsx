import { X } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './Dialog.module.css'

type Props = {
  opened: boolean
  title: string
  onClose: () => void
  width?: number
  /** A corner cross, where no button inside closes it. */
  withCross?: boolean
  /** No heading on the screen; the title is still read out. */
  bare?: boolean
  children: ReactNode
}

/**
 * The browser's own modal dialog: it keeps the focus, Esc closes it, what lies under it rests. Mantine's dropdowns open
 * under it unless they stay inside: give them comboboxProps={{ withinPortal: false }}.
 */
export function Dialog({ opened, ...props }: Props) {
  return opened ? <OpenDialog {...props} /> : null
}

function OpenDialog({ title, onClose, width = 420, withCross = false, bare = false, children }: Omit<Props, 'opened'>) {
  const { t } = useTranslation('ui')
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      style={{ width }}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.inside} data-bare={bare || undefined}>
        {!bare && (
          <header className={styles.head}>
            <h2>{title}</h2>
            {withCross && (
              <button type="button" aria-label={t('dialog.close')} onClick={onClose}>
                <X size={16} aria-hidden />
              </button>
            )}
          </header>
        )}
        {children}
      </div>
    </dialog>
  )
}
