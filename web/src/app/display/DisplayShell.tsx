import { Mark } from '~/ui/Mark'
import { Board } from './Board'
import { Both } from './Both'
import { usePairing } from './device'
import styles from './DisplayShell.module.css'

/** The waiting room's screen: no sign-in, no names, no controls. Without a good link it says how to get one. */
export function DisplayShell() {
  const pairing = usePairing()
  if (pairing === 'paired') return <Board />
  return (
    <main className={styles.wait}>
      <Mark size={96} />
      <h1>
        <Both word={pairing} />
      </h1>
      <Both word={`${pairing}How`} />
    </main>
  )
}
