import { ArrowDown, ArrowUp, Minus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { Spark } from '~/ui'
import { differenceOf, figuresOf, moodOf, type Figure } from './figures'
import styles from './Figures.module.css'
import type { Stats } from './queries'

/** The ruled block of figures: each with how it differs from the usual and its last days. */
export function Figures({ stats }: { stats: Stats | undefined }) {
  const { t } = useTranslation('analytics')
  const format = useFormats()
  const figures = stats ? figuresOf(stats) : []
  const money = stats?.collected_today_paise
  return (
    <dl className={styles.figures} aria-busy={!stats}>
      {figures.map((figure) => (
        <OneFigure key={figure.id} figure={figure} />
      ))}
      {money != null && (
        <div className={styles.figure}>
          <dt>{t('figure.collected')}</dt>
          <dd><b className="num">{format.rupees(money)}</b></dd>
          <dd><Spark values={stats?.sparks.collected_paise ?? []} /></dd>
        </div>
      )}
    </dl>
  )
}

function OneFigure({ figure }: { figure: Figure }) {
  const { t } = useTranslation('analytics')
  const format = useFormats()
  const difference = differenceOf(figure)
  const Arrow = !difference ? Minus : difference > 0 ? ArrowUp : ArrowDown
  const mood = difference === null ? 'plain' : moodOf(difference, figure.more)
  return (
    <div className={styles.figure}>
      <dt>{t(`figure.${figure.id}`)}</dt>
      <dd>
        <b className={`num ${figure.isOver ? 'attention' : ''}`}>{figure.value === null ? '–' : format.count(Math.round(figure.value))}</b>{' '}
        {figure.of !== undefined && <span className="num dim2">{t('of', { count: figure.of })}</span>}
        {figure.id === 'medianWait' && figure.value !== null && <span className="dim2">{t('minutes')}</span>}
      </dd>
      {difference !== null && (
        <dd className={`num ${styles.difference} ${difference === 0 ? styles.words : ''} ${mood === 'plain' ? 'dim2' : mood}`}>
          <Arrow size={13} aria-hidden />
          <span className="vh">{difference > 0 ? t('more') : difference < 0 ? t('fewer') : ''}</span>
          {difference === 0 ? t('asUsual') : Math.abs(difference)}
        </dd>
      )}
      <dd>
        <Spark values={figure.spark} tone={figure.isOver ? 'attention' : 'accent'} base={figure.usual ?? undefined} />
      </dd>
    </div>
  )
}
