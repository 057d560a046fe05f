import type { ReactNode } from 'react'
import { useMe } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { ZoneOf } from '~/lib/ZoneOf'

/** A page whose address names the branch (or none: the first that is mine) shows that branch's time. */
export function BranchZone({ children }: { children: ReactNode }) {
  const { facilities } = useMe()
  const [{ facility }] = useUrlState({ facility: facilities[0]?.id ?? '' })
  return <ZoneOf facilityId={facility}>{children}</ZoneOf>
}
