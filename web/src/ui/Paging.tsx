import { ActionIcon } from '@mantine/core'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { count } from '~/lib/formats'
import { PanelFoot } from './Panel'
import styles from './Paging.module.css'

type Props = { skip: number; limit: number; shown: number; total: number; isCapped?: boolean; onSkip: (skip: number) => void }

/** Which part of a long list is shown. The server stops counting at 10,000 and says so. */
export function Paging({ skip, limit, shown, total, isCapped = false, onSkip }: Props) {
  const { t } = useTranslation('ui')
  if (total <= limit && skip === 0) return null
  return (
    <PanelFoot>
      <div className={styles.paging}>
        <span className="num">
          {t(isCapped ? 'table.rangeCapped' : 'table.range', { from: count(Math.min(skip + 1, skip + shown)), to: count(skip + shown), total: count(total) })}
        </span>
        <ActionIcon aria-label={t('table.previous')} disabled={skip === 0} onClick={() => onSkip(Math.max(0, skip - limit))}>
          <ChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon aria-label={t('table.following')} disabled={skip + shown >= total && !(isCapped && shown === limit)} onClick={() => onSkip(skip + limit)}>
          <ChevronRight size={16} />
        </ActionIcon>
      </div>
    </PanelFoot>
  )
}
