import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { ConfirmDialog } from '~/ui'

type Props = { patient: { id: string; name: string; mrn: string }; opened: boolean; onClose: (isMarked: boolean) => void }

/** Marks a known patient's record as a medico-legal case; asked once, with the name, as police papers follow it. */
export function MedicoLegal({ patient, opened, onClose }: Props) {
  const { t } = useTranslation('patients')
  const change = $api.useMutation('patch', '/api/patients/{patient_id}')
  const isMarked = useRef(false)
  const mark = async () => {
    await change.mutateAsync({ params: { path: { patient_id: patient.id } }, body: { is_medico_legal: true } })
    isMarked.current = true
  }
  return (
    <ConfirmDialog
      opened={opened} destroys={false} title={t('medicoLegal.title')} action={t('medicoLegal.mark', { name: patient.name })}
      restate={<p><b>{patient.name}</b>, <span className="num">{patient.mrn}</span></p>} keep={t('medicoLegal.keep')}
      onConfirm={mark} onClose={() => onClose(isMarked.current)}
    />
  )
}
