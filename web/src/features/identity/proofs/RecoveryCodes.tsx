import { Button } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Notice } from '~/ui/Notice'
import styles from './Proofs.module.css'

/** Shown once: for the day without the phone. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation('proofs')
  const [isCopied, setCopied] = useState(false)
  const copy = () => void navigator.clipboard?.writeText(codes.join('\n')).then(() => setCopied(true), () => setCopied(false))
  const Icon = isCopied ? Check : Copy
  return (
    <div className={styles.steps}>
      <div role="status">
        <b>{t('codes.title')}</b>
        <p className={styles.note}>{t('codes.note')}</p>
      </div>
      <ol className={styles.codes} aria-label={t('codes.title')} tabIndex={0}>
        {codes.map((code) => (
          <li key={code} className="num">
            {code}
          </li>
        ))}
      </ol>
      <Notice>{t('codes.once')}</Notice>
      <div className={styles.row}>
        <Button variant="default" leftSection={<Icon size={15} aria-hidden />} onClick={copy}>
          {t(isCopied ? 'codes.copied' : 'codes.copy')}
        </Button>
        <Button onClick={onDone}>{t('codes.done')}</Button>
      </div>
    </div>
  )
}
