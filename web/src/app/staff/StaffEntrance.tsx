import { useEffect, type ReactNode } from 'react'
import { useSession } from '~/lib/session'
import { Entrance } from '../Entrance'
import { CounterDoor } from './CounterDoor'

/** Whoever is only a patient belongs to the phone's pages. */
export function StaffEntrance({ children }: { children: ReactNode }) {
  const now = useSession()
  const isOnlyPatient = now.status === 'signed-in' && now.me.roles.length > 0 && now.me.roles.every((role) => role === 'patient')
  useEffect(() => {
    if (isOnlyPatient) location.replace('/my')
  }, [isOnlyPatient])
  // a shared counter shows its people where others see the sign-in
  if (now.status === 'signed-out') return <CounterDoor otherwise={<Entrance>{null}</Entrance>} />
  return <Entrance>{isOnlyPatient ? null : children}</Entrance>
}
