import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { readMe } from '~/lib/session'
import { ConfirmDialog } from '~/ui/ConfirmDialog'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from './Proofs.module.css'
import { RecoveryCodes } from './RecoveryCodes'
import { SetUpSecondFactor } from './SetUpSecondFactor'

/** One's own second step: turned on, its codes made anew, turned off. */
export function MySecondFactor() {
  const { t } = useTranslation('proofs')
  const mine = $api.useQuery('get', '/api/me/sign-in')
  const renew = $api.useMutation('post', '/api/me/second-factor/recovery-codes')
  const off = $api.useMutation('delete', '/api/me/second-factor')
  const [isSettingUp, setSettingUp] = useState(false)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [asked, setAsked] = useState<'renew' | 'off' | null>(null)
  const done = () => {
    setSettingUp(false)
    setCodes(null)
    void mine.refetch()
  }
  if (mine.error && !mine.data) return <ErrorState error={mine.error} onRetry={() => void mine.refetch()} />
  if (!mine.data) return null
  if (codes) return <RecoveryCodes codes={codes} onDone={done} />
  if (isSettingUp) return <SetUpSecondFactor onDone={done} onCancel={() => setSettingUp(false)} />
  const { has_second_factor, recovery_codes_left, second_factor_demanded } = mine.data
  return (
    <div className={styles.steps}>
      <p className={styles.note}>
        {has_second_factor ? <b className="good">{t('mine.on')}</b> : t('mine.off')}{' '}
        {has_second_factor && t('mine.left', { count: recovery_codes_left })}
      </p>
      {has_second_factor && recovery_codes_left < 3 && <Notice>{t('mine.few')}</Notice>}
      {!has_second_factor && second_factor_demanded && <Notice>{t('mine.demanded')}</Notice>}
      <div className={styles.row}>
        {has_second_factor ? (
          <>
            <Button variant="default" onClick={() => setAsked('renew')}>
              {t('mine.renew')}
            </Button>
            <Button variant="subtle" color="red" onClick={() => setAsked('off')}>
              {t('mine.turnOff')}
            </Button>
          </>
        ) : (
          <Button onClick={() => setSettingUp(true)}>{t('mine.turnOn')}</Button>
        )}
      </div>
      <ConfirmDialog
        opened={asked === 'renew'}
        title={t('mine.renewTitle')}
        restate={t('mine.renewWhy')}
        destroys={false}
        action={t('mine.renew')}
        onClose={() => setAsked(null)}
        onConfirm={async () => setCodes((await renew.mutateAsync({})).codes)}
      />
      <ConfirmDialog
        opened={asked === 'off'}
        title={t('mine.offTitle')}
        restate={t(second_factor_demanded ? 'mine.offDemanded' : 'mine.offWhy')}
        action={t('mine.turnOff')}
        onClose={() => setAsked(null)}
        onConfirm={async () => {
          await off.mutateAsync({})
          toast({ title: t('mine.isOff') })
          done()
          await readMe()
        }}
      />
    </div>
  )
}
