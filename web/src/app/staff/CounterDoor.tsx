import { useEffect, useState, type ReactNode } from 'react'
import { CounterLock, SignIn } from '~/features/identity'
import { lockMinutes, readCounter, useCounter } from '~/lib/session'

/** Before anybody is in: on a shared counter the list of its people, elsewhere `otherwise`. */
export function CounterDoor({ otherwise }: { otherwise: ReactNode }) {
  const counter = useCounter()
  const [byPassword, setByPassword] = useState(false)
  const [isAsked, setAsked] = useState(false)
  useEffect(() => {
    void readCounter().catch(() => undefined).finally(() => setAsked(true))
  }, [])
  if (!counter) return counter === undefined && lockMinutes() !== null && !isAsked ? null : otherwise
  if (counter.people.length === 0) return <SignIn because="nobody" />
  if (byPassword) return <SignIn because="nobody" onBack={() => setByPassword(false)} />
  return <CounterLock counter={counter} onPassword={() => setByPassword(true)} />
}
