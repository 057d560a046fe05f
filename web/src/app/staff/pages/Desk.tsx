import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ScanBarcode } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { FamilyList, keptRegistration, optionId, usePatientSearch, type PatientRow } from '~/features/patients'
import { CancelVisit, DoctorsToday, PaperSheet, RevisitNote, slipOf, isOver, type AppointmentState, TodaysQueue, type Paper, type Shown, type Visit, useTodaysVisits } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useKeys } from '~/lib/keys'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { EmptyState, Key, Page, SearchBox, ZoneNote } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import { BranchZone } from '../BranchZone'
import { TopBarLeft } from '../slots'
import styles from './Desk.module.css'
import { DeskSide, type Doing } from './DeskSide'

const family = 'desk-family'

/** The reception desk: one search box, who it may be, a token; beside it the doctors and everyone of today. */
export default function Desk() {
  return <BranchZone><Counter /></BranchZone>
}

function Counter() {
  const { t } = useTranslation('scheduling')
  const { t: staff } = useTranslation('staff')
  const { facilities, user } = useMe()
  const navigate = useNavigate()
  const format = useFormats()
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? '', show: 'all', visit: '' })
  const facility_id = at.facility
  const asks = { enabled: facility_id !== '' }
  const doctors = $api.useQuery('get', '/api/practitioners-today', { params: { query: { facility_id } } }, asks)
  const today = useTodaysVisits(facility_id)
  const pending = $api.useQuery('get', '/api/appointments', { params: { query: { facility_id, status: ['pending'], from: format.today(), limit: 200 } } }, asks)
  const [asked, setDoctorId] = useState<string | null>(null)
  const doctorId = asked ?? (doctors.data?.items.length === 1 ? (doctors.data.items[0]?.practitioner_id ?? null) : null)
  const [doing, setDoing] = useState<Doing>(() => firstDoing(at.visit, user.id))
  const [cancelling, setCancelling] = useState<Visit | null>(null)
  const [paper, setPaper] = useState<Paper | null>(null)
  const box = useRef<HTMLInputElement>(null)
  const counter = useRef<HTMLDivElement>(null)

  const register = (kind: Extract<Doing, { what: 'register' }>['kind'], isMedicoLegal = false) => setDoing({ what: 'register', kind, isMedicoLegal })
  const choosePatient = (patient: PatientRow) => {
    if (doing.what === 'mother') {
      if (patient.gender !== 'male') register({ kind: 'baby', mother: patient })
      return
    }
    // Who is expected or here already, found or scanned from a slip, has that visit: not a second one by mistake.
    const visit = today.data?.items.find(({ patient_id, status }) => patient_id === patient.id && !isOver(status as AppointmentState))
    if (visit) {
      box.current?.blur() // its steps are single letters
      return setDoing({ what: 'visit', visitId: visit.id, visit })
    }
    if (patient.last_visit) setDoctorId(patient.last_visit.practitioner_id)
    setDoing({ what: 'walk-in', patient })
  }
  const finder = useFinder(choosePatient)
  const start = () => {
    finder.change('')
    setDoctorId(null)
    setDoing({ what: 'nothing' })
    if (at.visit) void setAt({ visit: '' })
    requestAnimationFrame(() => box.current?.focus())
  }
  const findMother = () => {
    setDoing({ what: 'mother' })
    requestAnimationFrame(() => box.current?.focus())
  }
  const toColumns = () => void navigate({ to: '/schedule', search: { facility: facility_id } as never })
  const patient = 'patient' in doing ? doing.patient : finder.chosen
  const show = (visit: Visit) => setPaper({ title: t('desk.slip', { name: visit.patient?.name }), load: slipOf(visit.id), hasSizes: true, printAtOnce: true })
  useKeys({
    newPatient: () => register({ kind: 'new' }),
    unknownPatient: () => register({ kind: 'unknown' }),
    babyOf: () => (patient && patient.gender !== 'male' ? register({ kind: 'baby', mother: patient }) : findMother()),
    medicoLegal: doing.what !== 'register' && (() => (patient ? setDoing({ what: 'medico-legal', patient }) : register({ kind: 'new' }, true))),
    bookLater: patient && (() => setDoing({ what: 'book', patient })),
    columns: can('appointment.read') && toColumns,
  })

  const visitId = 'visitId' in doing ? doing.visitId : ''
  // On a phone it stands above the list in which it was chosen.
  useEffect(() => {
    if (visitId) counter.current?.scrollIntoView?.({ block: 'nearest' })
  }, [visitId])
  const ofToday = today.data?.items.find(({ id }) => id === visitId)
  const ofAnotherDay = $api.useQuery('get', '/api/appointments/{appointment_id}', { params: { path: { appointment_id: visitId } } }, { enabled: visitId !== '' && !ofToday })
  const chosenVisit = 'visitId' in doing ? (ofToday ?? ofAnotherDay.data ?? doing.visit) : undefined

  if (!facility_id) return <Page label={staff('nav.desk')}><EmptyState title={staff('queue.nowhere')} why={staff('queue.nowhereWhy')} /></Page>
  const search = (
    <SearchBox
      ref={box} emphatic takesFindKey label={t('desk.search')} value={finder.text} onChange={(text) => { finder.change(text); setDoing((now) => (now.what === 'mother' ? now : { what: 'nothing' })) }}
      onKeyDown={(event) => finder.keyDown(event, box.current)} controls={finder.items?.length ? family : undefined}
      activeDescendant={finder.chosen && optionId(family, finder.chosen)} right={<ScanBarcode size={16} strokeWidth={1.75} aria-hidden />}
    />
  )
  return (
    <Page label={staff('nav.desk')}>
      <TopBarLeft>{search}</TopBarLeft>
      <div className={styles.desk}>
        <div ref={counter} className={styles.counter}>
          {finder.isAsked && doing.what !== 'register' && (
            <FamilyList
              id={family} search={finder.text} items={finder.items} error={finder.error} onRetry={finder.retry} at={finder.at} onChoose={finder.choose}
              noteOf={({ id, last_visit }) => last_visit && <RevisitNote patientId={id} practitionerId={last_visit.practitioner_id} />}
            />
          )}
          <DeskSide
            doing={doing} visit={chosenVisit} search={finder.text} practitioners={doctors.data?.items ?? []} doctorId={doctorId} facilityId={facility_id}
            onDoctor={setDoctorId} onDoing={setDoing} onPaper={setPaper} onPrint={show} onCancel={setCancelling} onStart={start}
          />
        </div>
        <div className={styles.day}>
          <DoctorsToday
            list={doctors} facilityId={facility_id} chosenId={doctorId} onChoose={({ practitioner_id }) => setDoctorId(practitioner_id)} onPaper={setPaper}
            right={
              <>
                <ZoneNote />
                <BranchFilter value={facility_id} onChange={(facility) => void setAt({ facility })} />
                {can('appointment.read') && <Button variant="default" size="xs" onClick={toColumns} rightSection={<Key of="columns" />}>{t('desk.columns')}</Button>}
              </>
            }
          />
          <TodaysQueue
            list={today} facilityId={facility_id} pending={pending.data?.items ?? []} show={at.show as Shown} onShow={(part) => void setAt({ show: part })} chosen={chosenVisit}
            onChoose={(visit) => setDoing({ what: 'visit', visitId: visit.id, visit })} onPrint={show} onCancel={setCancelling}
            onMove={(visit) => setDoing({ what: 'move', visitId: visit.id, visit })}
          />
        </div>
      </div>
      <CancelVisit visit={cancelling} onClose={() => setCancelling(null)} />
      {paper && <PaperSheet paper={paper} onClose={() => setPaper(null)} />}
    </Page>
  )
}

/** A visit that was asked for by its address, else the registration that a reload cut off. */
function firstDoing(visitId: string, userId: string): Doing {
  if (visitId) return { what: 'visit', visitId }
  const kind = keptRegistration(userId)
  return kind ? { what: 'register', kind, isMedicoLegal: false } : { what: 'nothing' }
}

/** The search box and its list as one: arrows move, Enter takes; an Enter that came before the answer waits for it. */
function useFinder(onChoose: (patient: PatientRow) => void) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [isEnterWaiting, setEnterWaiting] = useState(false)
  const found = usePatientSearch(text)
  const chosen = found.items?.[at]
  const choose = (patient: PatientRow) => {
    setAt(Math.max(0, found.items?.findIndex(({ id }) => id === patient.id) ?? 0))
    setEnterWaiting(false)
    onChoose(patient)
  }
  if (isEnterWaiting && found.isSettled) {
    setEnterWaiting(false)
    if (chosen) onChoose(chosen)
  }
  const change = (typed: string) => {
    setText(typed)
    setAt(0)
    setEnterWaiting(false)
  }
  const keyDown = (event: KeyboardEvent, box: HTMLInputElement | null) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setAt((now) => Math.max(0, Math.min((found.items?.length ?? 1) - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter' && found.isAsked) {
      event.preventDefault()
      if (found.isSettled && chosen) choose(chosen)
      else setEnterWaiting(true)
    } else if (event.key === 'Escape' && !text) box?.blur()
  }
  return { ...found, text, at, chosen, change, choose, keyDown }
}
