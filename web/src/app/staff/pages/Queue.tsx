import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PastVisits, PatientHead } from '~/features/patients'
import { Consultation, DayState, insideOf, isNow, QueuePanel } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { can, useMe } from '~/lib/session'
import { useUrlState } from '~/lib/useUrlState'
import { EmptyState, Page, Panel, ZoneNote } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import { BranchZone } from '../BranchZone'
import { TopBarRight } from '../slots'
import { PractitionerChoice } from './PractitionerChoice'
import styles from './Queue.module.css'

/** The doctor's day: who waits, who is inside, what was before, what is written now. */
export default function Queue() {
  return <BranchZone><DoctorsDay /></BranchZone>
}

function DoctorsDay() {
  const { t } = useTranslation('staff')
  const { practitioner_id: mine, facilities } = useMe()
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? '', practitioner: mine ?? '' })
  const facility_id = at.facility
  const today = $api.useQuery('get', '/api/practitioners-today', { params: { query: { facility_id } } }, { enabled: facility_id !== '' })
  const [first, setFirst] = useState('')
  // Chosen once: a page that followed the queues would jump.
  if (!first && today.data) setFirst((today.data.items.find(({ waiting, inside_number }) => waiting > 0 || inside_number !== null) ?? today.data.items[0])?.practitioner_id ?? '')
  const practitionerId = at.practitioner || first
  const day = today.data?.items.find(({ practitioner_id }) => practitioner_id === practitionerId)
  const queue = $api.useQuery('get', '/api/queue', { params: { query: { facility_id, practitioner_id: practitionerId } } }, { enabled: practitionerId !== '' })
  const [chosenId, setChosenId] = useState<string | null>(null)

  const entries = queue.data?.items
  const chosen = entries?.find(({ token_id }) => token_id === chosenId) ?? (entries && (insideOf(entries) ?? entries.find(isNow)))
  if (!facility_id) return <Page label={t('nav.queue')}><EmptyState title={t('queue.nowhere')} why={t('queue.nowhereWhy')} /></Page>
  return (
    <Page label={t('nav.queue')}>
      {can('queue.call') && practitionerId && (
        <TopBarRight>
          <DayState practitionerId={practitionerId} facilityId={facility_id} now={day?.state} name={mine || !day ? undefined : `${day.title} ${day.name}`.trim()} />
        </TopBarRight>
      )}
      <div className={styles.columns}>
        <QueuePanel
          entries={entries}
          error={queue.error}
          onRetry={() => void queue.refetch()}
          chosen={chosen}
          onChoose={({ token_id }) => setChosenId(token_id)}
          practitionerId={practitionerId}
          facilityId={facility_id}
          delay={day?.delay_minutes ?? 0}
          isMine={practitionerId === mine}
          right={
            <>
              <ZoneNote />
              {facilities.length > 1 && (
                <div className={styles.choice}>
                  <BranchFilter value={facility_id} onChange={(facility) => void setAt({ facility })} />
                </div>
              )}
              {!mine && <PractitionerChoice practitioners={today.data?.items} value={practitionerId} onChange={(practitioner) => void setAt({ practitioner })} />}
            </>
          }
        />
        {chosen ? (
          <div className={styles.patient} key={chosen.token_id}>
            <PatientHead patientId={chosen.appointment.patient_id} right={<span className={styles.token}><span className="dim2">{t('queue.token')}</span><b className="num">{chosen.number}</b></span>} />
            <div className={styles.panels}>
              {can('chart.open') && <PastVisits patientId={chosen.appointment.patient_id} meId={mine} but={chosen.appointment.id} />}
              {can('visit.fulfil') && isNow(chosen) && entries && <Consultation entry={chosen} entries={entries} practitionerId={practitionerId} facilityId={facility_id} onCalled={({ token_id }) => setChosenId(token_id)} />}
            </div>
          </div>
        ) : (
          <Panel label={t('queue.nobody')}>
            <EmptyState title={t('queue.nobody')} why={t('queue.nobodyWhy')} />
          </Panel>
        )}
      </div>
    </Page>
  )
}
