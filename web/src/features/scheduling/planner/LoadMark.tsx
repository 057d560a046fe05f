import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { percentOf, type Load } from './load'
import styles from './Planner.module.css'

/** How full: places booked of those offered, and a bar of the time used. All of it in words for who points or listens. */
export function LoadMark({ load, withPercent = false }: { load: Load | undefined; withPercent?: boolean }) {
  const { t } = useTranslation('planner')
  const { minutes } = useFormats()
  if (!load) return null
  const percent = percentOf(load)
  if (percent === null && load.booked === 0) return <span className="dim">{t('noSession')}</span>
  const all = t('loadAll', { booked: load.booked, places: load.places, free: load.free, walkIns: load.walk_ins, used: minutes(load.minutes_used), offered: minutes(load.minutes_offered) })
  return (
    <span className={`num ${styles.load}`} title={all}>
      <i aria-hidden data-over={(percent ?? 0) > 100 || undefined} style={{ '--used': `${Math.min(100, percent ?? 0)}%` } as React.CSSProperties} />
      <span aria-hidden>{withPercent && percent !== null ? t('loadUsed', { booked: load.booked, places: load.places, percent }) : t('load', { booked: load.booked, places: load.places })}</span>
      <span className="vh">{all}</span>
    </span>
  )
}
