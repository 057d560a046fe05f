import { Button } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Notice } from '../Notice'
import { Panel, PanelBody } from '../Panel'
import styles from './ShownOnce.module.css'

type Props = { title: string; label: string; why: string; value: string; onDone: () => void }

/** A secret that the server tells once: to be copied or written down before this is closed. */
export function ShownOnce({ title, label, why, value, onDone }: Props) {
  const { t } = useTranslation('ui')
  const [isCopied, setCopied] = useState(false)
  const copy = () => void navigator.clipboard?.writeText(value).then(() => setCopied(true), () => setCopied(false))
  const Icon = isCopied ? Check : Copy
  return (
    <Panel title={title}>
      <PanelBody>
        <div role="status">
          <div className="dim2">{label}</div>
          <output className={styles.secret} aria-label={label} tabIndex={0}>
            {value}
          </output>
        </div>
        <Notice>{why}</Notice>
        <div className={styles.buttons}>
          <Button variant="default" leftSection={<Icon size={15} aria-hidden />} onClick={copy}>
            {t(isCopied ? 'once.copied' : 'once.copy')}
          </Button>
          <Button onClick={onDone}>{t('once.done')}</Button>
        </div>
      </PanelBody>
    </Panel>
  )
}
