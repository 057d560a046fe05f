import { Button } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { MergedRecords, PastVisits, PatientAccess, PatientCard, PatientDetails, PatientHead } from '~/features/patients'
import { ComingVisits } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { Dialog, Page, toast } from '~/ui'
import { FindPatient } from './FindPatient'
import styles from './PatientPage.module.css'

/** One patient: who they are, what is before them, what was. */
export default function PatientPage() {
  const { t } = useTranslation('patients')
  const navigate = useNavigate()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const [isMerging, setMerging] = useState(false)
  const patient = $api.useQuery('get', '/api/patients/{patient_id}', { params: { path: { patient_id: id } } })
  const one = patient.data
  // The id of a merged record reads the one that stands for it: the address follows.
  const merged = one && one.id !== id ? one.merged_records.find((record) => record.id === id) : undefined
  useEffect(() => {
    if (!one || !merged) return
    toast({ title: t('merging.ledHere', { mrn: merged.mrn }), detail: `${one.name}, ${one.mrn}` })
    void navigate({ to: `/patients/${one.id}`, replace: true } as never)
  }, [one, merged, navigate, t])
  return (
    <Page label={t('head.label')}>
      <div className={styles.head}>
        <PatientHead
          patientId={id}
          right={
            <>
              {can('patient.update') && <PatientCard patientId={id} />}
              {can('patient.merge') && <Button variant="default" onClick={() => setMerging(true)}>{t('merging.start')}</Button>}
            </>
          }
        />
      </div>
      <div className={styles.columns}>
        <div className={styles.details}>
          <PatientDetails key={id} patientId={id} />
          <MergedRecords patientId={id} onParted={() => void patient.refetch()} />
          {can('patient.access') && <PatientAccess patientId={id} />}
        </div>
        {(can('appointment.read') || can('chart.open')) && (
          <div className={styles.visits}>
            {can('appointment.read') && <ComingVisits patientId={id} />}
            {can('chart.open') && <PastVisits key={id} patientId={id} />}
          </div>
        )}
      </div>
      <Dialog opened={isMerging} withCross width={520} title={t('merging.which')} onClose={() => setMerging(false)}>
        <FindPatient onFound={(other) => other.id !== id && void navigate({ to: `/patients/${id}/merge/${other.id}` } as never)} />
      </Dialog>
    </Page>
  )
}
