import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PatientHead, PastVisits } from '~/features/patients'
import { NurseList, type NurseFilter } from '~/features/scheduling'
import { can, useMe } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { EmptyState, Page } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import { BranchZone } from '../BranchZone'
import styles from './Nurse.module.css'

/** The nurse's list: who waits between the desk and the doctor. */
export default function Nurse() {
  return <BranchZone><InTheBuilding /></BranchZone>
}

function InTheBuilding() {
  const { t } = useTranslation('staff')
  const { facilities } = useMe()
  const [at, setAt] = useUrlState<{ facility: string; show: string }>({ facility: facilities[0]?.id ?? '', show: 'all' })
  const [chosen, setChosen] = useState<{ id: string; patient_id: string } | null>(null)
  const filter: NurseFilter = at.show === 'waiting' || at.show === 'arrived' ? at.show : 'all'
  return (
    <Page
      title={t('nav.nurse')}
      tools={<BranchFilter value={at.facility} onChange={(facility) => void setAt({ facility })} />}
    >
      {at.facility ? (
        <div className={styles.columns}>
          <NurseList facilityId={at.facility} filter={filter} onFilter={(show) => void setAt({ show })} chosenId={chosen?.id ?? null} onChoose={setChosen} />
          {chosen && (
            <div className={styles.patient}>
              <PatientHead patientId={chosen.patient_id} />
              {can('chart.open') && <PastVisits key={chosen.patient_id} patientId={chosen.patient_id} />}
            </div>
          )}
        </div>
      ) : (
        <EmptyState title={t('queue.nowhere')} why={t('queue.nowhereWhy')} />
      )}
    </Page>
  )
}
