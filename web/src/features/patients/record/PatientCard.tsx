import { Button } from '@mantine/core'
import { IdCard } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '~/lib/api'
import { PdfSheet } from '~/ui'

/** The UHID card, shown and printed. */
export function PatientCard({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const [isOpen, setOpen] = useState(false)
  const load = async () => (await api.GET('/api/patients/{patient_id}/card', { params: { path: { patient_id: patientId } }, parseAs: 'blob' })).data as Blob
  return (
    <>
      <Button variant="default" leftSection={<IdCard size={16} aria-hidden />} onClick={() => setOpen(true)}>{t('card.print')}</Button>
      <PdfSheet opened={isOpen} title={t('card.title')} load={load} onClose={() => setOpen(false)} />
    </>
  )
}
