import { useTranslation } from 'react-i18next'
import { Status } from '~/ui/Status'
import { appointmentLooks, type AppointmentState } from './status'

/** The state of a visit, the same ring and word wherever it is shown. */
export function AppointmentStatus({ state, ringOnly = false, size }: { state: AppointmentState; ringOnly?: boolean; size?: number }) {
  const { t } = useTranslation('scheduling')
  return <Status look={appointmentLooks[state]} word={t(`status.${state}`)} hideWord={ringOnly} size={size} />
}
