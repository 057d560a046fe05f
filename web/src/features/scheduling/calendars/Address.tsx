import { Button } from '@mantine/core'
import { CalendarPlus, Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Notice } from '~/ui/Notice'
import styles from './CalendarFeeds.module.css'

/** The new address, this once: to be copied, or opened by the calendar of this device. */
export function Address({ path }: { path: string }) {
  const { t } = useTranslation('calendars')
  const { t: ui } = useTranslation('ui')
  const [isCopied, setCopied] = useState(false)
  const address = new URL(path, location.origin)
  const copy = () => void navigator.clipboard?.writeText(address.href).then(() => setCopied(true), () => setCopied(false))
  const Icon = isCopied ? Check : Copy
  return (
    <div className={styles.address} role="status">
      <output className={styles.secret} aria-label={t('address')} tabIndex={0}>{address.href}</output>
      <Notice>{t('secret')}</Notice>
      <div className={styles.buttons}>
        <Button variant="default" leftSection={<Icon size={15} aria-hidden />} onClick={copy}>{ui(isCopied ? 'once.copied' : 'once.copy')}</Button>
        <Button component="a" href={`webcal://${address.host}${address.pathname}`} variant="default" leftSection={<CalendarPlus size={15} aria-hidden />}>{t('open')}</Button>
      </div>
    </div>
  )
}
