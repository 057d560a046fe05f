import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { ZoneOf } from '~/lib/ZoneOf'
import { Card } from '~/ui/PhonePage'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf } from '../queue/queueOf'
import styles from './Phone.module.css'
import type { Visit } from './visits'

type Props = {
  visits: readonly Visit[]
  /** Whose each is, where they are of several people. */
  named: boolean
  link: (visit: Visit, children: ReactNode, className: string | undefined) => ReactNode
}

/** Visits as rows. `link` wraps each row. */
export function VisitList({ visits, named, link }: Props) {
  const { t } = useTranslation('scheduling')
  return (
    <Card>
      <ul className={styles.rows} aria-label={t('phone.visits')}>
        {visits.map((visit) => (
          <li key={visit.id}>
            {link(
              visit,
              <>
                <span>
                  <b>{visit.practitioner_name}</b>
                  <ZoneOf facilityId={visit.facility_id}><When visit={visit} /></ZoneOf>
                  {named && <span className="dim">{visit.patient?.name}</span>}
                </span>
                <AppointmentStatus state={stateOf(visit)} ringOnly size={16} />
                <ChevronRight size={18} aria-hidden />
              </>,
              styles.row,
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function When({ visit }: { visit: Visit }) {
  const format = useFormats()
  return <span className="dim num">{format.day(visit.starts_at) + (visit.kind === 'token' ? '' : `, ${format.time(visit.starts_at)}`)}</span>
}
