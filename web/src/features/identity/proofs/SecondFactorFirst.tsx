import { useTranslation } from 'react-i18next'
import { readMe, signOut } from '~/lib/session'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'
import { SetUpSecondFactor } from './SetUpSecondFactor'

/** The hospital asks its staff for a second step: until it is set up there is nothing else to do here. */
export function SecondFactorFirst() {
  const { t } = useTranslation('proofs')
  return (
    <Gate title={t('first.title')} note={t('first.note')}>
      <SetUpSecondFactor onDone={() => void readMe()} />
      <button type="button" className={styles.quiet} onClick={() => void signOut()}>
        {t('first.leave')}
      </button>
    </Gate>
  )
}
