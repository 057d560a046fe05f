import { Button, Checkbox, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api, asProblem, focusFirstError, useIdempotent } from '~/lib/api'
import { birthOf, missingDigits, seedOf } from '~/lib/birth'
import { useDraft } from '~/lib/drafts'
import { useKeys } from '~/lib/keys'
import { useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { FieldRow, Key, Notice, Optional, Panel } from '~/ui'
import { GenderChoice, type Gender } from './GenderChoice'
import { MoreDetails } from './MoreDetails'
import { emptyDraft, requestOf, type Draft, type Kind } from './newPatient'
import { useSimilar, type Patient } from './queries'
import styles from './Registration.module.css'
import { SimilarPatients } from './SimilarPatients'

type Props = {
  kind: Kind
  /** What stood in the search box: it becomes the phone or the name. */
  search: string
  isMedicoLegal?: boolean
  onRegistered: (patient: Patient) => void
  /** Someone who is here already is taken instead. */
  onOpen: (patient: { id: string; name: string; mrn: string }) => void
  onClose: () => void
}

/** A new patient beside the list, by keyboard: name, age, sex, phone; the rest is folded. */
export function Registration({ kind, search, isMedicoLegal = false, onRegistered, onOpen, onClose }: Props) {
  const { t, i18n } = useTranslation('patients')
  const { user } = useMe()
  const showFaults = useFaults()
  const problemText = useProblemText()
  const idempotent = useIdempotent()
  const register = $api.useMutation('post', '/api/patients')
  const [refusal, setRefusal] = useState<unknown>(null)
  const draft = useDraft<Draft>(user.id, kind.kind === 'baby' ? `register.baby.${kind.mother.id}` : `register.${kind.kind}`)
  const { today } = useFormats()
  const [initialValues] = useState(() => startOf(kind, search, isMedicoLegal, draft.kept, today()))
  const form = useForm<Draft>({ initialValues, validate: (values) => faultsOf(values, kind, t), onValuesChange: draft.keep })
  const birth = birthOf(form.values.age)
  const similar = useSimilar({
    name: kind.kind === 'new' ? form.values.name : '',
    phone: kind.kind === 'new' ? form.values.phone : '',
    birth_date: birth && 'birth_date' in birth ? birth.birth_date : undefined,
  })
  const first = useRef<HTMLInputElement>(null)
  const isNameless = kind.kind !== 'new'
  useEffect(() => {
    if (!isNameless) first.current?.focus()
  }, [isNameless])
  useKeys({ medicoLegal: () => form.setFieldValue('is_medico_legal', !form.values.is_medico_legal) })

  const open: typeof onOpen = (patient) => {
    draft.drop()
    onOpen(patient)
  }
  const openHolder = async (patient_id: string) => {
    const { data } = await api.GET('/api/patients/{patient_id}', { params: { path: { patient_id } } })
    if (data) open(data)
  }
  const leave = () => {
    draft.drop()
    onClose()
  }
  const send = async (values: Draft) => {
    if (register.isPending) return
    setRefusal(null)
    try {
      const patient = await idempotent((headers) => register.mutateAsync({ body: requestOf(values, kind, i18n.language), headers }))
      draft.drop()
      onRegistered(patient)
    } catch (error) {
      if (!showFaults(form, error)) setRefusal(error)
    }
  }
  const submit = form.onSubmit(send, (errors) => focusFirstError(form, Object.keys(errors)))
  // Who can't say a name waits for nobody's typing: F3 and a letter are enough.
  const sendAtOnce = (gender: Gender) => {
    if (Object.keys(faultsOf({ ...form.values, gender }, kind, t)).length === 0) void send({ ...form.values, gender })
  }
  const holder = refusal !== null ? asProblem(refusal).extra.patient_id : null
  const note = kind.kind === 'baby' ? t('form.babyOf', { name: kind.mother.name }) : kind.kind === 'unknown' ? t('form.unknown') : undefined
  return (
    <Panel title={t('form.title')} note={note} label={t('form.title')} className={styles.panel}>
      <form
        className={styles.form} onSubmit={submit} noValidate aria-label={t('form.title')}
        onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && leave()}
      >
        <div className={styles.fields}>
          <TextInput ref={first} label={kind.kind === 'new' ? t('form.name') : <Optional>{t('form.name')}</Optional>} autoComplete="off" {...form.getInputProps('name')} />
          <FieldRow>
            <TextInput
              label={kind.kind === 'unknown' ? <Optional>{t('form.about')}</Optional> : t('form.age')}
              description={t('form.ageHint')} autoComplete="off" {...form.getInputProps('age')}
            />
            <TextInput label={<Optional>{t('form.phone')}</Optional>} description={t('form.phoneHint')} type="tel" autoComplete="off" {...form.getInputProps('phone')} />
          </FieldRow>
          <GenderChoice value={form.values.gender} error={form.errors.gender as string | undefined} data-path="gender" onChange={(gender) => form.setFieldValue('gender', gender)} hasFocus={isNameless} onLetter={kind.kind === 'unknown' ? sendAtOnce : undefined} />
          <SimilarPatients items={similar} onOpen={open} />
          <Checkbox label={<>{t('form.medicoLegal')} <Key of="medicoLegal" /></>} {...form.getInputProps('is_medico_legal', { type: 'checkbox' })} />
          <Checkbox label={t('notice.shown')} {...form.getInputProps('was_notice_shown', { type: 'checkbox' })} />
          <details className={styles.more}>
            <summary>{t('lib:privacyNotice.title')}</summary>
            <p className={styles.notice}>{t('lib:privacyNotice.text')}</p>
          </details>
          <MoreDetails form={form} />
          {refusal !== null && (
            <Notice urgent tone="attention" title={problemText(refusal)}>
              {typeof holder === 'string' && (
                <span className={styles.similar}>
                  <button type="button" onClick={() => void openHolder(holder)}>{t('similar.openHolder')}</button>
                </span>
              )}
            </Notice>
          )}
        </div>
        <div className={styles.steps}>
          <Button variant="default" onClick={leave} rightSection={<Key of="back" />}>{t('form.leave')}</Button>
          <Button type="submit" flex={1} loading={register.isPending} rightSection={<Key of="choose" />}>{t('form.register')}</Button>
        </div>
      </form>
    </Panel>
  )
}

/** Of whom nobody knows the age, until somebody guesses better. */
const guessedAge = '40'

/** A draft of this desk goes on, unless the search box asks for someone else. A baby is born today, until told otherwise. */
function startOf(kind: Kind, search: string, is_medico_legal: boolean, kept: Draft | null, today: string): Draft {
  if (kind.kind === 'unknown') return { ...emptyDraft, age: guessedAge, is_medico_legal, ...kept }
  if (kind.kind === 'baby') return { ...emptyDraft, age: today, phone: kind.mother.phone ?? '', is_medico_legal, ...kept }
  const seed = seedOf(search)
  const isSame = kept && (!search || !seed.phone || kept.phone === seed.phone) && (!seed.name || kept.name.startsWith(seed.name))
  return isSame ? { ...emptyDraft, ...kept } : { ...emptyDraft, ...seed, is_medico_legal }
}

type Words = (key: string, values?: Record<string, unknown>) => string

/** What is missing before anything is sent. */
function faultsOf(draft: Draft, { kind }: Kind, t: Words): Partial<Record<keyof Draft, string>> {
  const digits = missingDigits(draft.phone)
  const needsAge = kind !== 'unknown' || draft.age.trim()
  const faults = {
    name: kind === 'new' && !draft.name.trim() && t('form.missing.name'),
    age: needsAge && !birthOf(draft.age) && t('form.missing.age'),
    gender: !draft.gender && t('form.missing.gender'),
    phone: digits > 0 && t('form.missing.phone', { count: digits }),
  }
  return Object.fromEntries(Object.entries(faults).filter(([, text]) => text)) as Record<string, string>
}

