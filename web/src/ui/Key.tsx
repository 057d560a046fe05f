import type { ReactNode } from 'react'
import { keyLabel, pressKey, useActiveKeys, type KeyMeaning } from '~/lib/keys'
import styles from './Key.module.css'

/** A key cap. Give the meaning, so that cap and registry can't differ; plain text only for keys outside the registry. */
export function Key({ of, children }: { of?: KeyMeaning; children?: ReactNode }) {
  return <kbd className={styles.key}>{of ? keyLabel(of) : children}</kbd>
}

/** A cap and what it does; pressed, it does it. A finger has no keys. */
export function Hint({ of, cap, children }: { of?: KeyMeaning; cap?: string; children: ReactNode }) {
  const active = useActiveKeys()
  if (of && active.includes(of)) {
    return (
      <button type="button" className={styles.hint} onClick={() => pressKey(of)}>
        <Key of={of} />
        {children}
      </button>
    )
  }
  return (
    <span className={styles.hint}>
      <Key of={of}>{cap}</Key>
      {children}
    </span>
  )
}

export const Hints = ({ children }: { children: ReactNode }) => <div className={styles.hints}>{children}</div>
