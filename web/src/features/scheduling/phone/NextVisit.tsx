import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { ZoneOf } from '~/lib/ZoneOf'
import { Card } from '~/ui/PhonePage'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf } from '../queue/queueOf'
import styles from './Phone.module.css'
import { QueueNotice } from './QueueNotice'
import type { Visit } from './visits'

type Props = { visit: Visit; link: (children: ReactNode, className: string | undefined) => ReactNode }

/** The visit that matters now: its state, token and wait, or its day and hour. `link` wraps the foot. */
export const NextVisit = (props: Props) => <ZoneOf facilityId={props.visit.facility_id}><TheVisit {...props} /></ZoneOf>

function TheVisit({ visit, link }: Props) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
  const place = $api.useQuery('get', '/api/appointments/{appointment_id}/place', { params: { path: { appointment_id: visit.id } } }, { enabled: visit.token != null })
  const now = place.data
  return (
    <Card accent>
      <div className={styles.state}>
        <AppointmentStatus state={stateOf(visit)} size={16} />
        <span className="dim2">{format.day(visit.starts_at)}</span>
      </div>
      <div className={styles.figures}>
        {visit.token ? (
          <>
            <span><small>{t('phone.yourToken')}</small><b className="num">{visit.token.number}</b></span>
            <span><small>{t('phone.insideNow')}</small><b className={`num ${styles.smaller}`}>{now?.inside_number ?? '–'}</b></span>
            <span><small>{t('phone.about')}</small><b className={`num ${styles.smaller}`}>{visit.token.status !== 'waiting' || now?.wait_minutes == null ? '–' : format.minutes(now.wait_minutes)}</b></span>
          </>
        ) : (
          <span><small>{format.dayLong(visit.starts_at)}</small><b className="num">{visit.kind === 'token' ? t('phone.session') : format.time(visit.starts_at)}</b></span>
        )}
      </div>
      {visit.token && (
        <div className={styles.turn}>
          <QueueNotice status={visit.token.status} place={now} />
        </div>
      )}
      {link(
        <>
          <span>
            <b>{visit.practitioner_name}</b>
            <span className="dim2">{[visit.patient?.name, visit.facility_name].filter(Boolean).join(' · ')}</span>
          </span>
          <ChevronRight size={20} aria-hidden />
        </>,
        styles.more,
      )}
    </Card>
  )
}
