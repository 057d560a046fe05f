import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useZone } from '~/lib/useFormats'
import { offsetOf } from '~/lib/wallTime'

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
