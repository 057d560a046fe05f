import { Button, Select, TextInput } from '@mantine/core'
import { CornerDownLeft, Printer } from 'lucide-react'
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, useIdempotent } from '~/lib/api'
import { useKeys } from '~/lib/keys'
import { medicoLegal } from '~/lib/medicoLegal'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Flag, Key, Notice, Optional, Panel } from '~/ui'
import { bookableChoices, bookableWord } from '../bookable'
import styles from './desk.module.css'
import type { Practitioner, Visit } from './todaysVisits'

type Props = {
  patient: { id: string; name: string; is_medico_legal?: boolean }
  practitioners: readonly Practitioner[]
  practitionerId: string | null
  onPractitioner: (id: string) => void
  facilityId: string
  onGiven: (visit: Visit) => void
  hints: ReactNode
}

/** The busiest flow: who, to whom, Enter. What it will cost and how long it takes stands there before. */
export function WalkIn({ patient, practitioners, practitionerId, onPractitioner, facilityId, onGiven, hints }: Props) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const [reason, setReason] = useState('')
  const [refusal, setRefusal] = useState<unknown>(null)
  const doctorField = useRef<HTMLInputElement>(null)
  const reasonField = useRef<HTMLInputElement>(null)
  const give = useRef<HTMLButtonElement>(null)
  const walkIn = $api.useMutation('post', '/api/walk-ins')
  const preview = $api.useQuery(
    'get', '/api/walk-ins/preview',
    { params: { query: { patient_id: patient.id, practitioner_id: practitionerId ?? '', facility_id: facilityId } } },
    { enabled: practitionerId !== null },
  )
  const isKnown = practitioners.some(({ practitioner_id }) => practitioner_id === practitionerId)
  // Again when the doctors' list comes after the patient was taken; who types the reason meanwhile is left alone.
  useEffect(() => {
    if (document.activeElement !== reasonField.current) (isKnown ? give.current : doctorField.current)?.focus()
  }, [isKnown])
  useKeys({ doctorField: () => doctorField.current?.focus(), reasonField: () => reasonField.current?.focus() })

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!practitionerId || !isKnown) return doctorField.current?.focus()
    setRefusal(null)
    try {
      const body = { patient_id: patient.id, practitioner_id: practitionerId, facility_id: facilityId, reason: reason.trim() || null, is_priority: false }
      onGiven(await idempotent((headers) => walkIn.mutateAsync({ body, headers })))
    } catch (error) {
      setRefusal(error)
    }
  }
  const choose = (id: string) => {
    onPractitioner(id)
    setTimeout(() => give.current?.focus())
  }
  const number = preview.data?.next_number
  return (
    <Panel title={t('desk.walkIn')} note={<>{patient.name}<Flag of={medicoLegal(patient, t)} /></>} label={t('desk.walkIn')} className={styles.side}>
      <form className={styles.walkIn} onSubmit={(event) => void submit(event)} aria-label={t('desk.walkIn')}>
        <Select
          ref={doctorField} label={bookableWord(practitioners, t)} searchable allowDeselect={false} value={isKnown ? practitionerId : null} onOptionSubmit={choose}
          rightSection={<Key of="doctorField" />} rightSectionPointerEvents="none" placeholder={t('desk.chooseDoctor')}
          data={bookableChoices(practitioners, ({ practitioner_id }) => practitioner_id, t)}
        />
        <TextInput
          ref={reasonField} label={<Optional>{t('desk.reason')}</Optional>} placeholder={t('desk.reasonHint')} maxLength={500} value={reason}
          rightSection={<Key of="reasonField" />} rightSectionPointerEvents="none" onChange={({ target }) => setReason(target.value)}
        />
        <Preview preview={isKnown ? preview.data : undefined} />
        {preview.error && isKnown && <Notice title={problemText(preview.error)} />}
        {refusal !== null && <Notice urgent title={problemText(refusal)} />}
        <Button
          ref={give} type="submit" size="lg" fullWidth justify="space-between" loading={walkIn.isPending} className={styles.give}
          leftSection={<Printer size={18} strokeWidth={1.75} aria-hidden />} rightSection={<CornerDownLeft size={16} aria-hidden />}
        >
          {number === undefined || !isKnown ? t('desk.giveAToken') : t('desk.give', { number })}
        </Button>
      </form>
      {hints}
    </Panel>
  )
}

type PreviewRead = { next_number: number; wait_minutes: number | null; fee_paise: number; is_free_revisit: boolean; revisit_day: number | null; revisit_days: number }

/** Token, wait, fee: said to the patient before the token is given. */
function Preview({ preview }: { preview: PreviewRead | undefined }) {
  const { t } = useTranslation('scheduling')
  const { rupees } = useFormats()
  return (
    <dl className={`num ${styles.preview}`}>
      <div>
        <dt>{t('desk.token')}</dt>
        <dd>{preview?.next_number ?? '–'}</dd>
      </div>
      <div>
        <dt>{t('desk.wait')}</dt>
        <dd>{preview?.wait_minutes == null ? '–' : <>≈ {preview.wait_minutes} <small>{t('desk.min')}</small></>}</dd>
      </div>
      <div>
        <dt>{t('desk.fee')}</dt>
        <dd>{preview ? rupees(preview.fee_paise) : '–'}</dd>
        {preview?.is_free_revisit && preview.revisit_day !== null && <dd className={`good ${styles.revisit}`}>{t('desk.revisit', { day: preview.revisit_day, days: preview.revisit_days })}</dd>}
      </div>
    </dl>
  )
}
