import { Ring, type RingShape } from './Ring'
import styles from './Status.module.css'

export type Tone = 'attention' | 'neutral' | 'accent' | 'accent-solid' | 'ok' | 'muted'
export type StatusLook = RingShape & { tone: Tone }

/** A state: its ring and its word. A ring alone (`hideWord`) still says the word to those who listen. */
export function Status({ look, word, hideWord = false, size }: { look: StatusLook; word: string; hideWord?: boolean; size?: number }) {
  return (
    <span className={styles.status} data-tone={look.tone}>
      <Ring ring={look.ring} fill={look.fill} size={size} />
      <span className={hideWord ? 'vh' : undefined}>{word}</span>
    </span>
  )
}
