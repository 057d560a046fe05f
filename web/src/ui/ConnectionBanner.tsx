import { Button } from '@mantine/core'
import { CloudOff, RotateCcw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import styles from './ConnectionBanner.module.css'

/** The line under the top bar while the server is out of reach. Times in milliseconds; no retryAt while a try is running. */
export function ConnectionBanner({ since, retryAt, onRetry }: { since: number; retryAt: number | null; onRetry: () => void }) {
  const { t } = useTranslation('ui')
  const { time } = useFormats()
  const now = useNow('second')
  const wait_s = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000))
  return (
    <section className={styles.banner} aria-label={t('offline.label')}>
      <CloudOff size={16} strokeWidth={1.75} aria-hidden />
      <span>
        <b role="status">{t('offline.since', { time: time(since) })}</b>{' '}
        <span>
          {t('offline.kept')} <span className="num">{wait_s ? t('offline.tryingIn', { count: wait_s }) : t('offline.trying')}</span>
        </span>
      </span>
      <Button size="xs" variant="default" leftSection={<RotateCcw size={13} aria-hidden />} onClick={onRetry}>
        {t('offline.tryNow')}
      </Button>
    </section>
  )
}
