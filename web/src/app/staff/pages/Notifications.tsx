import { useTranslation } from 'react-i18next'
import { useNavigate } from '@tanstack/react-router'
import { NotificationList } from '~/features/notifications'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

export default function Notifications() {
  const { t } = useTranslation('notifications')
  const [at, setAt] = useUrlState<{ show: string; skip: number }>({ show: 'all', skip: 0 })
  const navigate = useNavigate()
  const format = useFormats()
  /** To what the message is about: the visit at the desk, else its column, else the patient. */
  const open = (params: Record<string, unknown>) => {
    const { appointment_id: visit, practitioner_id, facility_id: facility, patient_id, starts_at } = params as Record<string, string | undefined>
    if (visit && can('visit.receive')) void navigate({ to: '/desk', search: { visit, facility } as never })
    else if (starts_at && practitioner_id && can('appointment.read')) void navigate({ to: '/schedule', search: { day: format.dayOf(starts_at), doctors: practitioner_id, facility } as never })
    else if (patient_id && can('patient.read')) void navigate({ to: `/patients/${patient_id}` } as never)
  }
  return (
    <Page label={t('title')}>
      <NotificationList
        show={at.show === 'unread' ? 'unread' : 'all'}
        skip={at.skip}
        onOpen={open}
        onShow={(show) => void setAt({ show, skip: 0 })}
        onSkip={(skip) => void setAt({ skip })}
      />
    </Page>
  )
}
