import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Gate } from '../Gate'
import styles from '../Gate.module.css'

/** The end of a link's way, and the one step from there. */
export function Ended({ title, why }: { title: string; why: string }) {
  const { t } = useTranslation('proofs')
  return (
    <Gate title={title}>
      <p className={styles.note} role="status">
        {why}
      </p>
      <Button component="a" href="/" size="lg" className={styles.submit}>
        {t('goOn')}
      </Button>
    </Gate>
  )
}
