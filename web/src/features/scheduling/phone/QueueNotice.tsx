import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { useFormats } from '~/lib/useFormats'
import { Notice } from '~/ui/Notice'

type Place = components['schemas']['PlaceRead']

const away = ['late', 'on-break', 'gone', 'leave'] as const

/** What the one who waits must know or do: that they are called, that they were missed, that the doctor is away. */
export function QueueNotice({ status, place }: { status: string | undefined; place: Place | undefined }) {
  const { t } = useTranslation('scheduling')
  const { time } = useFormats()
  if (status === 'called' || status === 'skipped') return <Notice urgent title={t(`phone.turn.${status}`)}>{t(`phone.turn.${status}Do`)}</Notice>
  const state = away.find((one) => one === place?.practitioner_state)
  if (!state || status !== 'waiting') return null
  const until = (state === 'late' || state === 'on-break') && place?.until
  return (
    <Notice urgent title={until ? t('phone.doctorNow.until', { what: t(`phone.doctorNow.${state}`), time: time(until) }) : t(`phone.doctorNow.${state}`)}>
      {t(state === 'gone' || state === 'leave' ? 'phone.askReception' : 'phone.toldWhenNext')}
    </Notice>
  )
}
