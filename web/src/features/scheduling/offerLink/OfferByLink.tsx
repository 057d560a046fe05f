import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, api, asProblem } from '~/lib/api'
import { useFormats, ZoneContext } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import styles from './OfferByLink.module.css'

type Offer = components['schemas']['OfferByLink']

/** The place that the link of a message holds, and the two answers to it; nobody has to sign in, and nobody is named. */
export function OfferByLink({ token }: { token: string }) {
  const shown = useQuery({
    queryKey: ['offer-link', token],
    queryFn: async () => (await api.POST('/api/offer-link/show', { body: { token } })).data,
    enabled: token !== '',
    retry: false,
  })
  if (!token) return <Unknown />
  if (shown.error) return <Refused error={shown.error} onRetry={() => void shown.refetch()} />
  return (
    shown.data && (
      <ZoneContext value={shown.data.time_zone}>
        <Held token={token} offer={shown.data} />
      </ZoneContext>
    )
  )
}

function Held({ token, offer }: { token: string; offer: Offer }) {
  const { t } = useTranslation('offerLink')
  const format = useFormats()
  const problemText = useProblemText()
  const accept = $api.useMutation('post', '/api/offer-link/accept')
  const decline = $api.useMutation('post', '/api/offer-link/decline')
  const body = { token }
  const answer = accept.data?.status ?? decline.data?.status
  const refusal = accept.error ?? decline.error
  const isOver = refusal != null && asProblem(refusal).code === 'offer_over'
  return (
    <>
      <div className={styles.said}>
        <b className={`num ${styles.when}`}>{offer.kind === 'token' ? t('tokenAt', { day: format.day(offer.starts_at) }) : `${format.day(offer.starts_at)}, ${format.time(offer.starts_at)}`}</b>
        <span>{[offer.practitioner_name, offer.mode === 'video' && t('video')].filter(Boolean).join(', ')}</span>
        <span className="dim2">{offer.facility_name}</span>
      </div>
      {answer === 'accepted' || answer === 'declined' ? (
        <Done answer={answer} />
      ) : isOver ? (
        <Refused error={refusal} />
      ) : (
        <>
          <p className="num">{t('until', { until: format.time(offer.expires_at) })}</p>
          {refusal != null && <Notice urgent title={problemText(refusal)} />}
          <div className={styles.answers}>
            <Button size="xl" loading={accept.isPending} disabled={decline.isPending} onClick={() => accept.mutate({ body })}>{t('accept')}</Button>
            <Button size="xl" variant="default" loading={decline.isPending} disabled={accept.isPending} onClick={() => decline.mutate({ body })}>{t('decline')}</Button>
          </div>
        </>
      )}
    </>
  )
}

function Done({ answer }: { answer: 'accepted' | 'declined' }) {
  const { t } = useTranslation('offerLink')
  return (
    <div role="status">
      <Notice tone="neutral" title={t(`${answer}.title`)}>{t(`${answer}.why`)}</Notice>
      <Home />
    </div>
  )
}

const endings = ['accepted', 'declined', 'lapsed', 'withdrawn'] as const

function Refused({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation('offerLink')
  const { code, extra } = asProblem(error)
  if (code === 'offer_link_unknown') return <Unknown />
  if (code !== 'offer_over') return <ErrorState error={error} onRetry={onRetry} />
  const ending = endings.find((one) => one === extra.current_status) ?? 'lapsed'
  return (
    <>
      <Notice tone="neutral" title={t(`over.${ending}`)} />
      <Home />
    </>
  )
}

function Unknown() {
  const { t } = useTranslation('offerLink')
  return (
    <>
      <Notice urgent title={t('unknown')}>{t('unknownWhy')}</Notice>
      <Home />
    </>
  )
}

function Home() {
  const { t } = useTranslation('offerLink')
  return <a className={styles.home} href="/my">{t('home')}</a>
}
