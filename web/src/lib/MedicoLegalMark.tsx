import { TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** "MLC" after a name, wherever a name stands: police papers follow this patient. `bare`: the sign alone, said aloud. */
export function MedicoLegalMark({ of, bare = false }: { of: { is_medico_legal?: boolean } | null | undefined; bare?: boolean }) {
  const { t } = useTranslation('lib')
  if (!of?.is_medico_legal) return null
  return (
    <span className="attention" style={{ whiteSpace: 'nowrap' }} title={t('medicoLegal.long')}>
      {' '}
      <TriangleAlert size={13} aria-hidden style={{ verticalAlign: '-2px' }} /> <span className={bare ? 'vh' : undefined}>{t('medicoLegal.short')}</span>
    </span>
  )
}
