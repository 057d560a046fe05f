import { Button } from '@mantine/core'
import { RotateCcw, TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import styles from './States.module.css'

/** What could not be done, what was kept, one step, and the reference that support will ask for. */
export function ErrorState({ title, error, kept, onRetry }: { title?: string; error: unknown; kept?: string; onRetry?: () => void }) {
  const { t } = useTranslation('ui')
  const words = useProblemText()
  const problem = asProblem(error)
  return (
    <div className={styles.state} role="alert">
      <TriangleAlert size={20} className={styles.warn} aria-hidden />
      <b>{title ?? t('error.title')}</b>
      <p>
        {kept ?? t('error.kept')} {words(problem)}
      </p>
      {onRetry && (
        <Button leftSection={<RotateCcw size={14} aria-hidden />} onClick={onRetry}>
          {t('error.retry')}
        </Button>
      )}
      {problem.request_id && <small>{t('error.reference', { reference: problem.request_id })}</small>}
    </div>
  )
}
