import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { api } from '~/lib/api'
import { CodeField } from './CodeField'
import styles from './Proofs.module.css'
import { RecoveryCodes } from './RecoveryCodes'
import { Refusal } from './Refusal'
import { useSending } from './useSending'

type SetUp = components['schemas']['SecondFactorSetUp']

/** Scan, type the app's first code, keep the recovery codes. `onDone` comes after all three. */
export function SetUpSecondFactor({ onDone, onCancel }: { onDone: () => void; onCancel?: () => void }) {
  const { t } = useTranslation('proofs')
  const [begun, setBegun] = useState<SetUp | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current) return // a second secret would make the picture on the screen worthless
    asked.current = true
    api.POST('/api/me/second-factor').then(({ data }) => setBegun(data ?? null), setFailure)
  }, [])
  const form = useForm({ initialValues: { code: '' }, validate: { code: (value) => (value.trim() ? null : t('code.missing')) } })
  const { submit, sending, refusal } = useSending(form, async ({ code }) => {
    const { data } = await api.POST('/api/me/second-factor/confirm', { body: { code: code.trim() } })
    setCodes(data?.codes ?? [])
  })
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />
  return (
    <div className={styles.steps}>
      <Refusal of={failure} />
      {begun && (
        <>
          <p className={styles.note}>{t('setUp.scan')}</p>
          <div className={styles.picture} role="img" aria-label={t('setUp.picture')} dangerouslySetInnerHTML={{ __html: begun.qr_svg }} />
          <div>
            <div className="dim2">{t('setUp.byHand')}</div>
            <code className={styles.secret} aria-label={t('setUp.secret')}>{begun.secret}</code>
          </div>
          <a className={styles.quiet} href={begun.app_address}>{t('setUp.thisPhone')}</a>
          <form onSubmit={submit} noValidate>
            <CodeField withPaper={false} label={t('setUp.code')} {...form.getInputProps('code')} />
            <Refusal of={refusal} />
            <div className={styles.row}>
              <Button type="submit" loading={sending}>
                {t('setUp.submit')}
              </Button>
              {onCancel && (
                <Button variant="default" onClick={onCancel}>
                  {t('setUp.cancel')}
                </Button>
              )}
            </div>
          </form>
        </>
      )}
    </div>
  )
}
