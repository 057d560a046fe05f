import { use, type ReactNode } from 'react'
import { useSession } from './session'
import { ZoneContext } from './useFormats'

/** A branch's own zone; null for one that is not known here. */
export function useZoneOf(facilityId: string | null | undefined): string | null {
  const now = useSession()
  const facilities = now.status === 'signed-in' ? now.me.facilities : []
  return facilities.find(({ id }) => id === facilityId)?.time_zone ?? null
}

/** Inside it, times are those of this branch's clock. */
export function ZoneOf({ facilityId, children }: { facilityId: string | null | undefined; children: ReactNode }) {
  const outside = use(ZoneContext)
  return <ZoneContext value={useZoneOf(facilityId) ?? outside}>{children}</ZoneContext>
}
