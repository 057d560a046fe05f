import { useTranslation } from 'react-i18next'
import type { PatientRow } from './queries'

/** "also NH-000311 Kavitha Raane": the records that were merged into a row's, by which it may have been found. */
export function Merged({ of }: { of: Pick<PatientRow, 'merged_records'> }) {
  const { t } = useTranslation('patients')
  if (of.merged_records.length === 0) return null
  return <span className="num dim2" style={{ display: 'block' }}>{t('merging.also', { records: of.merged_records.map(({ mrn, name }) => `${mrn} ${name}`).join(', ') })}</span>
}
