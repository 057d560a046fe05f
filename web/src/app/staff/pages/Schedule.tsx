import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BookFree, Columns, DoctorPicker, Legend, mostColumns, type ColumnPlace, type Doctor } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { DateNav, EmptyState, ErrorState, Page } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import { FindPatient } from './FindPatient'
import styles from './Schedule.module.css'

/** The day as columns: up to five doctors side by side, whose ids, the branch and the day stand in the address. */
export default function Schedule() {
  const { t } = useTranslation('staff')
  const format = useFormats()
  const navigate = useNavigate()
  const now = useNow()
  const { practitioner_id: mine, facilities } = useMe()
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? '', day: '', doctors: '' })
  const { facility: facility_id } = at
  const today = format.today(now)
  const day = /^\d{4}-\d\d-\d\d$/.test(at.day) ? at.day : today
  const [booking, setBooking] = useState<ColumnPlace | null>(null)
  const here = { enabled: facility_id !== '' }
  useKeys({ columns: can('visit.receive') && (() => void navigate({ to: '/desk', search: { facility: facility_id } as never })) })
  const staff = $api.useQuery('get', '/api/practitioners', { params: { query: { facility_id, limit: 200 } } }, here)
  const doctorsToday = $api.useQuery('get', '/api/practitioners-today', { params: { query: { facility_id } } }, here)

  if (!facility_id) return <Page label={t('nav.schedule')}><EmptyState title={t('queue.nowhere')} why={t('queue.nowhereWhy')} /></Page>
  const doctors: Doctor[] = (staff.data?.items ?? []).map(({ id, title, name, specialty, facilities: rooms }) => ({
    id, name: `${title} ${name}`.trim(), specialty: specialty ?? null, room: rooms.find((one) => one.facility_id === facility_id)?.room ?? null,
  }))
  const known = (ids: readonly (string | null | undefined)[]) => ids.flatMap((id) => doctors.find((doctor) => doctor.id === id) ?? [])
  const asked = known(at.doctors.split(',')).slice(0, mostColumns)
  const usual = known(mine ? [mine] : (doctorsToday.data?.items ?? []).map(({ practitioner_id }) => practitioner_id)).slice(0, mostColumns)
  const shown = [asked, usual, doctors.slice(0, mostColumns)].find((some) => some.length > 0) ?? []
  const shownIds = shown.map(({ id }) => id)
  const show = (ids: readonly string[]) => void setAt({ doctors: ids.join(',') })
  const error = staff.error ?? doctorsToday.error
  return (
    <Page label={t('nav.schedule')}>
      <div className={styles.bar}>
        <h2 className={styles.day}>{format.bareDay(day, 'long')}</h2>
        <DateNav day={day} today={today} onChange={(to) => void setAt({ day: to === today ? '' : to })} />
        <DoctorPicker doctors={doctors} shownIds={shownIds} onChange={show} />
        <BranchFilter value={facility_id} onChange={(facility) => void setAt({ facility, doctors: '' })} />
        <Legend />
      </div>
      {error != null && !staff.data ? (
        <ErrorState error={error} onRetry={() => void staff.refetch()} />
      ) : staff.data && doctors.length === 0 ? (
        <EmptyState title={t('schedule.nobody')} why={t('schedule.nobodyWhy')} />
      ) : (
        staff.data && (doctorsToday.data || doctorsToday.error) && (
          <Columns
            doctors={shown} today={doctorsToday.data?.items ?? []} facilityId={facility_id} day={day} onBook={setBooking}
            onClose={(id) => show(shownIds.filter((other) => other !== id))}
            onOpenPatient={can('patient.read') ? (id) => void navigate({ to: `/patients/${id}` } as never) : undefined}
          />
        )
      )}
      {booking && <BookFree place={booking} day={day} findPatient={(onFound) => <FindPatient onFound={onFound} />} onBooked={() => setBooking(null)} onClose={() => setBooking(null)} />}
    </Page>
  )
}
