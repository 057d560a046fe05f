import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, ErrorState, Hint, Hints, Key, Panel, PanelFoot } from '~/ui'
import { ageSex } from '~/lib/ageSex'
import styles from './FamilyList.module.css'
import { Merged } from './Merged'
import type { PatientRow } from './queries'

type Props = {
  id: string
  search: string
  items: readonly PatientRow[] | undefined
  error: unknown
  onRetry: () => void
  /** The row that Enter takes. */
  at: number
  onChoose: (patient: PatientRow) => void
  /** At the chosen row's right end, such as "Revisit free till 30 Nov". */
  noteOf?: (patient: PatientRow) => ReactNode
  /** What to offer where nobody is found. */
  step?: ReactNode
}

export const optionId = (list: string, patient: PatientRow) => `${list}-${patient.id}`

/** Those who share a phone or match a name: two lines each, moved through from the search box. */
export function FamilyList({ id, search, items, error, onRetry, at, onChoose, noteOf, step }: Props) {
  const { t } = useTranslation('patients')
  const { phone } = useFormats()
  const isPhone = /^[+\d][\d\s()-]{5,}$/.test(search.trim())
  const shared = isPhone && (items?.length ?? 0) > 1 ? 'family.share' : 'family.found'
  return (
    <Panel label={t('family.label')} className={styles.panel}>
      {items && items.length > 0 && (
        <p className={`num ${styles.head}`}>
          <b>{isPhone ? phone(search.trim()) : search.trim()}</b> · {t(shared, { count: items.length })}
        </p>
      )}
      {error != null && !items ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : items?.length === 0 ? (
        <EmptyState title={t('family.nobody')} why={t('family.nobodyWhy')} step={step} />
      ) : (
        <ul id={id} role="listbox" aria-label={t('family.label')} aria-busy={!items} className={styles.list}>
          {items?.map((patient, nth) => (
            <li key={patient.id} id={optionId(id, patient)} role="option" aria-selected={nth === at} onClick={() => onChoose(patient)}>
              <Row patient={patient} isChosen={nth === at} note={nth === at ? noteOf?.(patient) : null} />
            </li>
          ))}
        </ul>
      )}
      <PanelFoot>
        <Hints>
          <Hint cap="↑ ↓">{t('family.keyChoose')}</Hint>
          <Hint of="newPatient">{t(shared === 'family.share' ? 'family.keyNewIn' : 'family.keyNew')}</Hint>
          <Hint of="back">{t('family.keyClear')}</Hint>
        </Hints>
      </PanelFoot>
    </Panel>
  )
}

function Row({ patient, isChosen, note }: { patient: PatientRow; isChosen: boolean; note: ReactNode }) {
  const { t } = useTranslation('patients')
  const { date, dayOf, today, bareDay } = useFormats()
  const seen = (at: string) => (dayOf(at).slice(0, 4) === today().slice(0, 4) ? bareDay(dayOf(at)) : date(at))
  const { last_visit } = patient
  return (
    <>
      <span className={styles.line}>
        <b>{patient.name}</b> <span className="dim2">{ageSex(patient, t)}</span>
        {patient.is_medico_legal && (
          <span className={`attention ${styles.mark}`}>
            <TriangleAlert size={13} aria-hidden /> {t('family.medicoLegal')}
          </span>
        )}
        {isChosen && <span className={styles.enter}><Key of="choose" /></span>}
      </span>
      <span className={`num dim2 ${styles.line} ${styles.detail}`}>
        <span>{patient.mrn}</span>
        <span>{last_visit ? `${surname(last_visit.practitioner_name)}, ${seen(last_visit.at)}` : t('history.none')}</span>
        {note && <span className={`good ${styles.end}`}>{note}</span>}
      </span>
      <Merged of={patient} />
    </>
  )
}

/** "Dr Kavita Iyer" → "Dr Iyer": the row is narrow, and the walk-in below says it in full. */
const surname = (practitioner: string) => {
  const [title, ...names] = practitioner.split(' ')
  return names.length > 1 ? `${title} ${names.at(-1)}` : practitioner
}
