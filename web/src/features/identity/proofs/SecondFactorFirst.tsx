import { useTranslation } from 'react-i18next'
import { readMe, session, signOut } from '~/lib/session'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { SetUpSecondFactor } from './SetUpSecondFactor'

const feltWithin_ms = 1_000

/** Every process of the server feels within a second that it is set up: who is quicker is read once more. */
async function goOn() {
  await readMe()
  const now = session()
  if (now.status !== 'signed-in' || !now.me.needs_second_factor) return
  await new Promise((again) => setTimeout(again, feltWithin_ms))
  await readMe()
}

/** The hospital asks its staff for a second step: until it is set up there is nothing else to do here. */
export function SecondFactorFirst() {
  const { t } = useTranslation('proofs')
  return (
    <Gate title={t('first.title')} note={t('first.note')}>
      <SetUpSecondFactor onDone={() => void goOn()} />
      <button type="button" className={styles.quiet} onClick={() => void signOut()}>
        {t('first.leave')}
      </button>
    </Gate>
  )
}
