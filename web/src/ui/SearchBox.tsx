import { ActionIcon } from '@mantine/core'
import { Search, X } from 'lucide-react'
import { useImperativeHandle, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import { Key } from './Key'
import styles from './SearchBox.module.css'

type Props = {
  label: string
  value: string
  onChange: (value: string) => void
  /** Enter, also the one that a barcode scanner sends. */
  onEnter?: () => void
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void
  /** `/` and Ctrl-K come here. One box a page. */
  takesFindKey?: boolean
  /** The box that a whole page turns round: larger. */
  emphatic?: boolean
  right?: ReactNode
  /** The list that the arrows move through, for those who listen. */
  controls?: string
  activeDescendant?: string
  ref?: Ref<HTMLInputElement>
}

/** A box to find things by. Its text never goes into the address. Esc empties it. */
export function SearchBox({ label, value, onChange, onEnter, onKeyDown, takesFindKey = false, emphatic = false, right, controls, activeDescendant, ref }: Props) {
  const { t } = useTranslation('ui')
  const input = useRef<HTMLInputElement>(null)
  useImperativeHandle(ref, () => input.current as HTMLInputElement)
  const focus = () => {
    input.current?.focus()
    input.current?.select()
  }
  useKeys(takesFindKey ? { find: focus, findAnywhere: focus } : {})

  const keyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    onKeyDown?.(event)
    if (event.defaultPrevented || event.nativeEvent.isComposing) return
    if (event.key === 'Enter') onEnter?.()
    // Pressed out of habit where the box has the focus already: the key, not its sign.
    if (takesFindKey && event.key === '/' && !value) event.preventDefault()
    if (event.key === 'Escape' && value) {
      event.preventDefault()
      onChange('')
    }
  }
  return (
    <div className={styles.box} data-emphatic={emphatic || undefined}>
      <Search size={16} aria-hidden />
      <input
        ref={input}
        type="search"
        value={value}
        placeholder={label}
        aria-label={label}
        role={controls ? 'combobox' : undefined}
        aria-expanded={controls ? true : undefined}
        aria-controls={controls}
        aria-activedescendant={activeDescendant}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={keyDown}
      />
      {right}
      {value ? (
        <ActionIcon size="xs" aria-label={t('search.clear')} onClick={() => onChange('')}>
          <X size={14} />
        </ActionIcon>
      ) : (
        takesFindKey && <Key of="find" />
      )}
    </div>
  )
}
