import { Button, TextInput } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import { useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api, asProblem } from '~/lib/api'
import { switchOrganization } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { EmptyState } from '~/ui/EmptyState'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { Card, PhoneSkeleton } from '~/ui/PhonePage'
import { actFor } from './actingFor'
import styles from './Own.module.css'

type Person = components['schemas']['ClaimableRead']

/** Choose oneself, a child or a parent among those on this phone, then show that one knows them. */
export function ClaimRecord({ onClaimed }: { onClaimed: () => void }) {
  const { t } = useTranslation('own')
  const [chosen, setChosen] = useState<Person | null>(null)
  const people = $api.useQuery('get', '/api/patients/claimable', {}, { gcTime: 0, retry: false })
  const items = people.data?.items
  if (people.error && !items) {
    const isByPassword = asProblem(people.error).code === 'phone_not_proved'
    return isByPassword ? <EmptyState title={t('claim.byCode')} why={t('claim.byCodeWhy')} /> : <ErrorState error={people.error} onRetry={() => void people.refetch()} />
  }
  if (!items) return <PhoneSkeleton rows={3} carded />
  if (items.length === 0) return <EmptyState title={t('claim.nobody')} why={t('claim.nobodyWhy')} />
  if (chosen) return <Proof person={chosen} onBack={() => setChosen(null)} onAtDesk={() => void people.refetch().then(() => setChosen(null))} onClaimed={onClaimed} />
  return (
    <>
      <p className="dim2">{t('claim.choose')}</p>
      <Card>
        <ul className={styles.people}>
          {items.map((person) => (
            <li key={person.patient_id}>
              {person.is_at_desk ? (
                <div className={styles.row}>
                  <Told person={person} />
                  <span className={styles.desk}>{t('claim.atDesk')}</span>
                </div>
              ) : (
                <button type="button" className={styles.row} onClick={() => setChosen(person)}>
                  <Told person={person} />
                  <ChevronRight size={20} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}

function Told({ person }: { person: Person }) {
  const { t } = useTranslation('own')
  const { first_name, initial, age_years, organization_name } = person
  return (
    <span className={styles.told}>
      <b>{[first_name, initial && `${initial}.`].filter(Boolean).join(' ')}</b>
      <span>{[age_years !== null && t('claim.years', { count: age_years }), organization_name].filter(Boolean).join(' · ')}</span>
    </span>
  )
}

type ProofProps = { person: Person; onBack: () => void; onAtDesk: () => void; onClaimed: () => void }

/** The year of birth, or the UHID from the slip: what others who use this phone may not know of each other. */
function Proof({ person, onBack, onAtDesk, onClaimed }: ProofProps) {
  const { t } = useTranslation('own')
  const words = useProblemText()
  const claim = $api.useMutation('post', '/api/patients/claims')
  const [by, setBy] = useState<'year' | 'uhid'>(person.age_years === null ? 'uhid' : 'year')
  const [typed, setTyped] = useState('')
  const [relation, setRelation] = useState<'self' | 'carer'>('self')
  const [fault, setFault] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const field = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const isMissing = by === 'year' ? !/^\d{4}$/.test(typed) : !typed.trim()
    setFault(isMissing ? t(`claim.missing.${by}`) : null)
    if (isMissing) return field.current?.focus()
    if (claim.isPending) return
    setRefusal(null)
    const { organization_id, patient_id } = person
    const proof = by === 'year' ? { birth_year: Number(typed) } : { uhid: typed.trim() }
    try {
      await claim.mutateAsync({ body: { organization_id, patient_id, relation, ...proof } })
      await switchOrganization(organization_id)
      actFor(patient_id)
      onClaimed()
    } catch (error) {
      const { code, extra } = asProblem(error)
      if (code === 'claim_at_desk') return onAtDesk()
      if (code === 'claim_wrong') setFault(t('claim.wrong', { count: Number(extra.tries_left) }))
      else setRefusal(error)
      field.current?.focus()
    }
  }
  const other = by === 'year' ? 'uhid' : 'year'
  const useOther = () => {
    setBy(other)
    setTyped('')
    setFault(null)
    field.current?.focus()
  }
  return (
    <form className={styles.proof} onSubmit={(event) => void submit(event)} noValidate>
      <Card padded>
        <Told person={person} />
      </Card>
      {!person.is_child && (
        <fieldset className={styles.choice}>
          <legend>{t('claim.relation')}</legend>
          {(['self', 'carer'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="relation" checked={relation === one} onChange={() => setRelation(one)} />
              {t(`claim.relations.${one}`)}
            </label>
          ))}
        </fieldset>
      )}
      <TextInput
        ref={field} size="xl" label={t(`claim.${by}`)} description={by === 'uhid' ? t('claim.uhidHint') : undefined} autoFocus autoComplete="off"
        inputMode={by === 'year' ? 'numeric' : 'text'} maxLength={by === 'year' ? 4 : 40} value={typed} error={fault}
        onChange={({ currentTarget }) => setTyped(by === 'year' ? currentTarget.value.replace(/\D/g, '') : currentTarget.value)}
      />
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <Button type="submit" size="xl" fullWidth loading={claim.isPending}>
        {t('claim.open', { name: person.first_name })}
      </Button>
      {person.age_years !== null && (
        <button type="button" className={styles.quiet} onClick={useOther}>
          {t(`claim.use.${other}`)}
        </button>
      )}
      <button type="button" className={styles.quiet} onClick={onBack}>
        {t('claim.other')}
      </button>
    </form>
  )
}
