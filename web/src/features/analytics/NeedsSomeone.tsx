import { useTranslation } from 'react-i18next'
import type { ReactNode } from 'react'
import { EmptyState, Panel } from '~/ui'
import styles from './NeedsSomeone.module.css'
import type { Stats } from './queries'

export type Need = Stats['needs_someone'][number]

/** What waits for a person, each with its next step. `step` makes the button of a need. */
export function NeedsSomeone({ needs, step }: { needs: readonly Need[] | undefined; step: (need: Need) => ReactNode }) {
  const { t } = useTranslation('analytics')
  return (
    <Panel title={t('needs.title')}>
      {needs?.length === 0 ? (
        <EmptyState title={t('needs.none')} />
      ) : (
        <ul className={styles.needs}>
          {needs?.map((need) => (
            <li key={`${need.kind}${need.practitioner_id ?? ''}`}>
              <span>{t(`needs.${need.kind}`, { count: need.count, name: need.practitioner_name ?? '' })}</span>
              {step(need)}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
