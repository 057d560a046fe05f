import { AppointmentStatus } from '../AppointmentStatus'
import type { AppointmentState } from '../status'
import styles from './Columns.module.css'

const shown: readonly AppointmentState[] = ['pending', 'booked', 'arrived', 'checked-in', 'in-consultation', 'fulfilled', 'noshow']

/** What the rings and colours of the blocks mean. */
export const Legend = () => (
  <div className={styles.legend}>
    {shown.map((state) => (
      <AppointmentStatus key={state} state={state} />
    ))}
  </div>
)
