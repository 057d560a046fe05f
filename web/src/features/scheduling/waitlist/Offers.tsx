import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { Card } from '~/ui/PhonePage'
import { useWhomOf, withOfferFirst, type Entry } from './waiting'
import styles from './Waitlist.module.css'

type Props = {
  entries: readonly Entry[]
  /** Whose each is, where they are of several people. */
  named: boolean
  onBooked: (visitId: string) => void
}

/** What I and mine wait for: the place in the line, or the place that is held and the two answers to it. */
export function Offers({ entries, named, onBooked }: Props) {
  return (
    <Card accent={entries.some(({ offer }) => offer)}>
      {withOfferFirst(entries).map((entry) => (entry.offer ? <Offered key={entry.id} entry={entry} offer={entry.offer} named={named} onBooked={onBooked} /> : <Waits key={entry.id} entry={entry} named={named} />))}
    </Card>
  )
}

function Offered({ entry, offer, named, onBooked }: { entry: Entry; offer: NonNullable<Entry['offer']>; named: boolean; onBooked: (visitId: string) => void }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const whomOf = useWhomOf()
  const idempotent = useIdempotent()
  const accept = $api.useMutation('post', '/api/waitlist-offers/{offer_id}/accept')
  const decline = $api.useMutation('post', '/api/waitlist-offers/{offer_id}/decline')
  const of = { params: { path: { offer_id: offer.id } } }
  const refusal = accept.error ?? decline.error
  const take = () => idempotent((headers) => accept.mutateAsync({ ...of, headers })).then(({ id }) => onBooked(id), () => undefined)
  return (
    <section className={styles.offer} aria-label={t('waitlist.offer')}>
      <div className={styles.said}>
        <span className="dim2">{t('waitlist.offerWhy', { until: format.time(offer.expires_at) })}</span>
        <b className={`num ${styles.when}`}>{offer.kind === 'token' ? t('waitlist.tokenAt', { day: format.day(offer.starts_at) }) : `${format.day(offer.starts_at)}, ${format.time(offer.starts_at)}`}</b>
        <span>{[offer.practitioner_name, offer.facility_name].join(' · ')}</span>
        {!entry.practitioner_name && <span className="dim2">{whomOf(entry)}</span>}
        {named && <span className="dim2">{entry.patient?.name}</span>}
      </div>
      {refusal != null && <Notice urgent title={problemText(refusal)} />}
      <div className={styles.answers}>
        <Button size="lg" loading={accept.isPending} disabled={decline.isPending} onClick={() => void take()}>{t('waitlist.accept')}</Button>
        <Button size="lg" variant="default" loading={decline.isPending} disabled={accept.isPending} onClick={() => decline.mutate(of)}>{t('waitlist.decline')}</Button>
      </div>
    </section>
  )
}

function Waits({ entry, named }: { entry: Entry; named: boolean }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const whomOf = useWhomOf()
  const leave = $api.useMutation('post', '/api/waitlist/{entry_id}/leave')
  const days = entry.first_day === entry.last_day ? format.bareDay(entry.first_day) : t('waitlist.fromTo', { from: format.bareDay(entry.first_day), to: format.bareDay(entry.last_day) })
  return (
    <section className={styles.offer} aria-label={t('waitlist.waitsFor', { name: whomOf(entry) })}>
      <div className={styles.said}>
        <b>{whomOf(entry)}</b>
        <span className="num dim2">{[days, entry.part_of_day !== 'any' && t(`waitlist.parts.${entry.part_of_day}`)].filter(Boolean).join(', ')}</span>
        {named && <span className="dim2">{entry.patient?.name}</span>}
        <span className="num">{t('waitlist.place', { place: entry.place ?? '–' })}</span>
      </div>
      {leave.error != null && <Notice urgent title={problemText(leave.error)} />}
      <Button size="md" variant="default" loading={leave.isPending} onClick={() => leave.mutate({ params: { path: { entry_id: entry.id } } })}>{t('waitlist.leave')}</Button>
    </section>
  )
}
