import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { Notice } from '~/ui/Notice'

export type Refusal = { text: string; until: number | null }

/** Why one was not let in; where one has to wait, how long still. */
export function Refused({ text, until }: Refusal) {
  const { t } = useTranslation('identity')
  const now = useNow('second')
  const wait_s = until === null ? 0 : Math.ceil((until - now) / 1000)
  if (until !== null && wait_s <= 0) return <Notice tone="neutral">{t('signIn.again')}</Notice>
  return (
    <Notice urgent>
      {text} {until !== null && <span className="num">{t('signIn.wait', { count: wait_s })}</span>}
    </Notice>
  )
}
