import { use, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNow } from './clock'
import { useSession } from './session'
import { useZone, ZoneContext } from './useFormats'
import { offsetOf } from './wallTime'

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

/** Whose clock the times are by, where that is not the one on this desk. */
export function ZoneNote() {
  const { t, i18n } = useTranslation('lib')
  const zone = useZone()
  const now = useNow()
  if (offsetOf(now, zone) === offsetOf(now, Intl.DateTimeFormat().resolvedOptions().timeZone)) return null
  const part = (timeZoneName: 'long' | 'shortOffset') =>
    new Intl.DateTimeFormat(i18n.language, { timeZone: zone, timeZoneName }).formatToParts(now).find(({ type }) => type === 'timeZoneName')?.value
  return <span className="dim2 num" role="note">{t('zoneNote', { zone: part('long'), offset: part('shortOffset') })}</span>
}
