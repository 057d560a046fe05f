import { TriangleAlert, UserRoundSearch } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { ErrorState, Panel } from '~/ui'
import styles from './PatientHead.module.css'
import { PatientPhoto } from './record/PatientPhoto'

/** Who this is, on top of whatever is done for them: name, age, UHID, blood group, language. `right`: token, buttons. */
export function PatientHead({ patientId, right }: { patientId: string; right?: ReactNode }) {
  const { t } = useTranslation('patients')
  const patient = $api.useQuery('get', '/api/patients/{patient_id}', { params: { path: { patient_id: patientId } } })
  if (patient.error) return <Panel label={t('head.label')}><ErrorState error={patient.error} onRetry={() => void patient.refetch()} /></Panel>
  const one = patient.data
  const ageOf = (years: number, months: number | null) => {
    if (years > 1) return t('head.years', { count: years })
    return years === 0 && months === 0 ? t('lib:age.newborn') : t('head.months', { count: years * 12 + (months ?? 0) })
  }
  const facts = one && [
    one.age_years != null && ageOf(one.age_years, one.age_months),
    t(`gender.${one.gender}`),
    one.mrn,
    one.blood_group && t('head.bloodGroup', { group: one.blood_group }),
    one.relative_name && `${one.relative_kind ?? ''} ${one.relative_name}`.trim(),
  ]
  return (
    <Panel label={t('head.label')}>
      <div className={styles.head} aria-busy={!one}>
        {one?.has_photo && <PatientPhoto patientId={patientId} name={one.name} />}
        <div className={styles.who}>
          <h2>{one?.name ?? ' '}{one?.name_local && one.name_local !== one.name && <span className="dim2"> {one.name_local}</span>}</h2>
          <p className="num dim2">{facts ? facts.filter(Boolean).join(' · ') : ' '}</p>
        </div>
        {right && <div className={styles.right}>{right}</div>}
      </div>
      {one?.is_unknown && <p className={styles.legal}><UserRoundSearch size={15} aria-hidden />{t('head.unknown')}</p>}
      {one?.is_medico_legal && <p className={styles.legal}><TriangleAlert size={15} aria-hidden />{t('head.medicoLegal')}</p>}
    </Panel>
  )
}
