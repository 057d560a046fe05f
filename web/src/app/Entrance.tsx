import { Suspense, type ComponentType, type ReactNode } from 'react'
import { FirstPassword, FirstSetup, SecondFactorFirst, SecondStep, SignIn, StepUpDialog, useSetupNeeded } from '~/features/identity'
import { useStepUpAsked } from '~/lib/api'
import { startSession, useSession } from '~/lib/session'
import { ErrorState } from '~/ui/ErrorState'

type Props = {
  children: ReactNode
  /** What stands in the sign-in's place for someone who was never here. */
  newcomer?: ReactNode
  /** Where patients sign in by their phone, staff by their password. */
  door?: ComponentType<Door>
}

export type Door = { because: 'nobody' | 'left' | 'locked' | 'expired'; username?: string }

/** Who may see the shell. Everyone else meets the sign-in at the address that they came for, and goes on there. */
export function Entrance({ children, newcomer, door = SignIn }: Props) {
  const now = useSession()
  switch (now.status) {
    case 'starting':
      return null
    case 'unreachable':
      return <ErrorState error={now.problem} onRetry={() => void startSession()} />
    case 'must-change-password':
      return <FirstPassword username={now.username} password={now.password} />
    case 'second-step':
      return <SecondStep />
    case 'signed-out':
      return newcomer || <Arrival because={now.because} username={now.username} Door={door} />
    case 'signed-in':
      return (
        <>
          {now.me.needs_second_factor ? <SecondFactorFirst /> : children}
          <StepUp />
        </>
      )
  }
}

/** Stands beside whatever asked for it, so that a form under it keeps what was typed. */
function StepUp() {
  const asked = useStepUpAsked()
  return asked && <Suspense><StepUpDialog {...asked} /></Suspense>
}

function Arrival({ because, username, Door }: Door & { Door: ComponentType<Door> }) {
  const setup = useSetupNeeded()
  if (setup.isPending) return null
  if (setup.isNeeded) return <FirstSetup code={codeInAddress()} />
  return <Door because={because} username={username} />
}

/** The terminal prints …/#code=…: what follows # never reaches a server's log. */
const codeInAddress = () => new URLSearchParams(location.hash.slice(1)).get('code') ?? undefined
