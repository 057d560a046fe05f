import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useActiveKeys, useKeys } from '~/lib/keys'
import { Dialog } from './Dialog'
import { Key } from './Key'
import styles from './KeyHelp.module.css'

/** `?`: the keys that work on the page that is open, read from the registry. */
export function KeyHelp() {
  const { t } = useTranslation(['ui', 'lib'])
  const [opened, setOpened] = useState(false)
  const active = useActiveKeys()
  useKeys({ help: () => setOpened(true) })
  return (
    <Dialog withCross width={480} opened={opened} onClose={() => setOpened(false)} title={t('keys.title')}>
      <dl className={styles.keys}>
        {active.map((meaning) => (
          <div key={meaning}>
            <dt>
              <Key of={meaning} />
            </dt>
            <dd>{t(`lib:keys.${meaning}`)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>{t('keys.note')}</p>
    </Dialog>
  )
}
