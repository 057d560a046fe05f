import { useTranslation } from 'react-i18next'
import { MedicoLegal, Registration, type Kind, type PatientRow } from '~/features/patients'
import { BookingForm, MoveVisit, VisitPanel, WalkIn, type Paper, type Practitioner, type Visit } from '~/features/scheduling'
import { useKeys } from '~/lib/keys'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, Hint, Hints, Panel, toast } from '~/ui'
import styles from './Desk.module.css'
import { OwnQueue } from './OwnQueue'
import { VisitSteps } from './VisitSteps'

type Patient = Pick<PatientRow, 'id' | 'name' | 'mrn'> & { phone?: string | null; gender?: string; is_medico_legal?: boolean }

/** What the counter does now. */
export type Doing =
  | { what: 'nothing' | 'mother' }
  | { what: 'walk-in' | 'book' | 'medico-legal'; patient: Patient }
  | { what: 'register'; kind: Kind; isMedicoLegal: boolean }
  | { what: 'visit' | 'move' | 'move-elsewhere'; visitId: string; visit?: Visit; asksFee?: boolean }

type Props = {
  doing: Doing
  visit: Visit | undefined
  search: string
  practitioners: readonly Practitioner[]
  doctorId: string | null
  facilityId: string
  onDoctor: (id: string) => void
  onDoing: (doing: Doing) => void
  onPaper: (paper: Paper) => void
  onPrint: (visit: Visit) => void
  onCancel: (visit: Visit) => void
  /** The next patient. */
  onStart: () => void
}

/** The lower left: a walk-in, a registration, a booking, or one visit of today; one thing at a time. */
export function DeskSide(props: Props) {
  const { t } = useTranslation('scheduling')
  const { near } = useFormats()
  const { doing, visit, practitioners, doctorId, facilityId, onDoing, onStart } = props
  useKeys({ back: doing.what === 'walk-in' || doing.what === 'visit' || doing.what === 'mother' ? onStart : null })
  const showVisit = (of: Visit, asksFee = false) => onDoing({ what: 'visit', visitId: of.id, visit: of, asksFee })

  if (doing.what === 'register') {
    return (
      <Registration
        key={JSON.stringify(doing.kind)} kind={doing.kind} search={props.search} isMedicoLegal={doing.isMedicoLegal} onClose={onStart}
        onRegistered={(patient) => onDoing({ what: 'walk-in', patient: { ...patient, phone: patient.phones[0]?.number } })}
        onOpen={(patient) => onDoing({ what: 'walk-in', patient })}
      />
    )
  }
  if (doing.what === 'book') {
    const booked = (of: Visit) => {
      toast({ title: t('desk.booked', { at: near(of.starts_at) }), detail: `${of.patient?.name ?? ''}, ${of.practitioner_name}` })
      showVisit(of)
    }
    return <BookingForm key={doing.patient.id} patient={doing.patient} practitionerId={doctorId} facilityId={facilityId} onBooked={booked} onClose={() => onDoing({ ...doing, what: 'walk-in' })} />
  }
  if (visit && (doing.what === 'move' || doing.what === 'move-elsewhere')) {
    const moved = (to: Visit) => {
      toast({ title: t('desk.moved', { at: near(to.starts_at) }), detail: `${to.patient?.name ?? ''}, ${to.practitioner_name}` })
      showVisit(to)
    }
    if (doing.what === 'move') return <MoveVisit key={visit.id} visit={visit} onMoved={moved} onOther={() => onDoing({ ...doing, what: 'move-elsewhere' })} onClose={() => showVisit(visit)} />
    return (
      <BookingForm
        key={visit.id} moving={visit} patient={{ ...visit.patient, id: visit.patient_id, name: visit.patient?.name ?? '' }}
        practitionerId={visit.practitioner_id} facilityId={visit.facility_id} onBooked={moved} onClose={() => showVisit(visit)}
      />
    )
  }
  if (visit && doing.what === 'visit') {
    return (
      <>
        <VisitPanel
          key={visit.id} visit={visit} asksFee={doing.asksFee ?? false} onPrint={props.onPrint} onPaper={props.onPaper} onCancel={props.onCancel}
          onMove={(of) => onDoing({ what: 'move', visitId: of.id, visit: of })} onClose={onStart}
          onWalkIn={(patient) => onDoing({ what: 'walk-in', patient })}
        />
        {can('visit.fulfil') && <VisitSteps visit={visit} onVisit={showVisit} />}
      </>
    )
  }
  if (doing.what === 'walk-in' || doing.what === 'medico-legal') {
    const given = (of: Visit) => {
      toast({ title: t('desk.given', { number: of.token?.number }), detail: `${of.patient?.name ?? ''}, ${of.practitioner_name}` })
      showVisit(of, true)
      props.onPrint(of)
    }
    return (
      <>
        <WalkIn key={doing.patient.id} patient={doing.patient} practitioners={practitioners} practitionerId={doctorId} onPractitioner={props.onDoctor} facilityId={facilityId} onGiven={given} hints={<DeskHints />} />
        <MedicoLegal patient={doing.patient} opened={doing.what === 'medico-legal'} onClose={(isMarked) => onDoing({ what: 'walk-in', patient: { ...doing.patient, is_medico_legal: isMarked || doing.patient.is_medico_legal } })} />
      </>
    )
  }
  return (
    <Panel label={t('desk.walkIn')} className={styles.side}>
      {doing.what === 'mother' ? <EmptyState title={t('desk.mother')} why={t('desk.motherWhy')} /> : <EmptyState title={t('desk.start')} why={t('desk.startWhy')} />}
      {doing.what === 'nothing' && can('visit.fulfil') && <OwnQueue facilityId={facilityId} onVisit={showVisit} />}
      <DeskHints />
    </Panel>
  )
}

function DeskHints() {
  const { t } = useTranslation('scheduling')
  return (
    <div className={styles.hints}>
      <Hints>
        <Hint of="newPatient">{t('desk.keyNew')}</Hint>
        <Hint of="unknownPatient">{t('desk.keyUnknown')}</Hint>
        <Hint of="babyOf">{t('desk.keyBaby')}</Hint>
        <Hint of="medicoLegal">{t('desk.keyLegal')}</Hint>
        <Hint of="bookLater">{t('desk.keyBook')}</Hint>
      </Hints>
    </div>
  )
}
