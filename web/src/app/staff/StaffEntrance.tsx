import { useEffect, type ReactNode } from 'react'
import { useSession } from '~/lib/session'
import { Entrance } from '../Entrance'

/** Whoever is only a patient belongs to the phone's pages. */
export function StaffEntrance({ children }: { children: ReactNode }) {
  const now = useSession()
  const isOnlyPatient = now.status === 'signed-in' && now.me.roles.length > 0 && now.me.roles.every((role) => role === 'patient')
  useEffect(() => {
    if (isOnlyPatient) location.replace('/my')
  }, [isOnlyPatient])
  return <Entrance>{isOnlyPatient ? null : children}</Entrance>
}
