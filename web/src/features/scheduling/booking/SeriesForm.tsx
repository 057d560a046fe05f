import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ErrorState, Key, Notice } from '~/ui'
import styles from './BookingForm.module.css'

type Appointment = components['schemas']['AppointmentRead']
type Unit = components['schemas']['PreviewSeries']['unit']
type Props = {
  patientId: string
  practitionerId: string
  facilityId: string
  /** When it comes for the first time. */
  first: string
  reason: string
  holdId: string | undefined
  onBooked: (first: Appointment) => void
  onBack: () => void
}

const units = ['week', 'day', 'month'] as const
const most = 60

/** How often and how long; then its times, with others in place of those that are taken; then all are booked at once. */
export function SeriesForm({ patientId, practitionerId, facilityId, first, reason, holdId, onBooked, onBack }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [unit, setUnit] = useState<Unit>('week')
  const [every, setEvery] = useState<number | string>(1)
  const [ends, setEnds] = useState<'count' | 'until'>('count')
  const [count, setCount] = useState<number | string>(4)
  const [until, setUntil] = useState('')
  const [instead, setInstead] = useState<Record<string, string>>({})
  const preview = $api.useMutation('post', '/api/appointment-series/preview')
  const book = $api.useMutation('post', '/api/appointment-series')
  const place = { patient_id: patientId, practitioner_id: practitionerId, facility_id: facilityId, unit, every: Number(every) || 1 }
  const whenOf = (at: string) => `${format.dayShort(at)}, ${format.time(at)}`
  const isWhole = ends === 'count' ? Number(count) >= 2 : until > format.dayOf(first)
  const look = () => {
    setInstead({})
    book.reset()
    preview.mutate({ body: { ...place, starts_at: first, ...(ends === 'count' ? { count: Number(count) } : { until }) } })
  }
  const items = preview.data?.items
  const starts = [...new Set((items ?? []).flatMap(({ starts_at, code }) => (code === null ? [starts_at] : instead[starts_at] ? [instead[starts_at]] : [])))].sort()
  const changed = <Value,>(set: (value: Value) => void) => (value: Value) => {
    set(value)
    preview.reset()
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!items) return isWhole && look()
    try {
      const series = await idempotent((headers) => book.mutateAsync({ body: { ...place, starts, reason: reason || null, hold_id: holdId }, headers }))
      if (series.appointments[0]) onBooked(series.appointments[0])
    } catch (error) {
      if (asProblem(error).code === 'series_conflicts') look()
    }
  }
  return (
    <form className={styles.form} aria-label={t('series.title')} onSubmit={(event) => void submit(event)} onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onBack()}>
      <div className={styles.fields}>
        <p><b className="num">{t('series.from', { at: whenOf(first) })}</b></p>
        <div className={styles.repeat}>
          <NumberInput autoFocus label={t('series.every')} min={1} max={366} hideControls value={every} onChange={changed(setEvery)} />
          <Select label={t('series.unit')} allowDeselect={false} data={units.map((value) => ({ value, label: t(`series.units.${value}`) }))} value={unit} onChange={(value) => value && changed(setUnit)(value as Unit)} />
          <Select label={t('series.ends')} allowDeselect={false} data={(['count', 'until'] as const).map((value) => ({ value, label: t(`series.endings.${value}`) }))} value={ends} onChange={(value) => value && changed(setEnds)(value as 'count' | 'until')} />
          {ends === 'count' ? (
            <NumberInput label={t('series.count')} min={2} max={most} hideControls value={count} onChange={changed(setCount)} />
          ) : (
            <TextInput type="date" label={t('series.until')} min={format.dayOf(first)} value={until} onChange={({ target }) => changed(setUntil)(target.value)} />
          )}
        </div>
        {preview.error && <ErrorState error={preview.error} onRetry={look} />}
        {asProblem(book.error).code === 'series_conflicts' ? <Notice urgent title={t('series.takenMeanwhile')} /> : book.error != null && <Notice urgent title={problemText(book.error)} />}
        {items && (
          <ol className={styles.times} aria-label={t('series.times')}>
            {items.map(({ starts_at, code, proposals }) => (
              <li key={starts_at}>
                <span className="num">{whenOf(starts_at)}</span>
                {code === null ? (
                  <span className="dim2">{t('series.free')}</span>
                ) : (
                  <Select
                    size="xs" aria-label={t('series.insteadOf', { at: whenOf(starts_at) })} placeholder={t('series.leftOut', { why: t(`series.why.${code}`, { defaultValue: t('series.why.other') }) })} clearable
                    data={proposals.map((one) => ({ value: one.starts_at, label: whenOf(one.starts_at) }))} value={instead[starts_at] ?? null}
                    onChange={(value) => setInstead(({ [starts_at]: _before, ...rest }) => (value ? { ...rest, [starts_at]: value } : rest))}
                  />
                )}
              </li>
            ))}
          </ol>
        )}
      </div>
      <div className={styles.steps}>
        <Button variant="default" onClick={onBack} rightSection={<Key of="back" />}>{t('series.once')}</Button>
        {items ? (
          <Button type="submit" flex={1} disabled={starts.length < 2} loading={book.isPending} rightSection={<Key of="choose" />}>{t('series.book', { count: starts.length })}</Button>
        ) : (
          <Button type="submit" flex={1} disabled={!isWhole} loading={preview.isPending} rightSection={<Key of="choose" />}>{t('series.look')}</Button>
        )}
      </div>
    </form>
  )
}
