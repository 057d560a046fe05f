import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, asProblem } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { EmptyState, ErrorState, Paging, Panel } from '~/ui'
import styles from './PastVisits.module.css'

const pageOf = 100

/** What happened before, newest first; `but` the visit that goes on now. Opening it is a reading of the record and stands in the audit trail. */
export function PastVisits({ patientId, meId, but }: { patientId: string; meId?: string | null; but?: string }) {
  const { t } = useTranslation('patients')
  const format = useFormats()
  const problemText = useProblemText()
  const [skip, setSkip] = useState(0)
  const history = $api.useQuery('get', '/api/patients/{patient_id}/history', {
    params: { path: { patient_id: patientId }, query: { skip, limit: pageOf } },
  })
  const now = useNow()
  const items = history.data?.items.filter(({ at, details }) => Date.parse(at) < now && details.appointment_id !== but)
  const total = history.data?.total ?? 0
  const count = total <= pageOf ? items?.length : total
  return (
    <Panel title={t('history.title')} note={items && t('history.count', { count })} className={styles.panel}>
      {history.error && asProblem(history.error).status === 403 ? (
        <EmptyState title={problemText(history.error)} />
      ) : history.error ? (
        <ErrorState error={history.error} onRetry={() => void history.refetch()} />
      ) : items?.length === 0 ? (
        <EmptyState title={t('history.none')} />
      ) : (
        <ul className={styles.list} tabIndex={0} aria-label={t('history.title')} aria-busy={!items}>
          {items?.map((entry, nth) => (
            <li key={`${entry.at}${nth}`}>
              <span className="num dim2">{format.date(entry.at)}</span>
              <b>{typeof entry.details.kind === 'string' && !entry.details.reason ? t(`visitKind.${entry.details.kind}`) : entry.title}</b>
              <span className="dim">{entry.practitioner_id && entry.practitioner_id === meId ? t('history.you') : entry.practitioner_name}</span>
              <span className="dim2">{entry.status && t(`visitState.${entry.status}`)}</span>
            </li>
          ))}
        </ul>
      )}
      {items && <Paging skip={skip} limit={pageOf} shown={history.data?.items.length ?? 0} total={total} isCapped={history.data?.total_capped} onSkip={setSkip} />}
    </Panel>
  )
}
