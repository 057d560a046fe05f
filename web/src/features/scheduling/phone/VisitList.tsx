import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { Card } from '~/ui/PhonePage'
import { AppointmentStatus } from '../AppointmentStatus'
import { stateOf } from '../queue/queueOf'
import styles from './Phone.module.css'
import type { Visit } from './visits'

/** Visits as rows. `link` wraps each row. */
export function VisitList({ visits, link }: { visits: readonly Visit[]; link: (visit: Visit, children: ReactNode, className: string | undefined) => ReactNode }) {
  const { t } = useTranslation('scheduling')
  const format = useFormats()
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
                  <span className="dim num">{[`${format.date(visit.starts_at)} ${visit.kind === 'token' ? '' : format.time(visit.starts_at)}`.trim(), visit.patient?.name].join(' · ')}</span>
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
