import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, asProblem } from '~/lib/api'
import { enter } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { isLanguage } from '~/lib/words'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import { Gate } from '../Gate'
import gate from '../Gate.module.css'
import styles from './Phone.module.css'

/** The QR of a slip was scanned: whose record it opens, and the year of birth. `onIn`: signed in, or the record added. */
export function SlipSignIn({ token, onIn }: { token: string; onIn: () => void }) {
  const { t } = useTranslation('identity')
  const shown = useQuery({
    queryKey: ['slip', token],
    queryFn: async () => (await api.POST('/api/auth/slip/show', { body: { token } })).data,
    retry: false,
  })
  return (
    <Gate title={t('slip.title')} note={shown.data?.hospital_name}>
      {shown.error && (asProblem(shown.error).code === 'slip_over' ? <Over /> : <ErrorState error={shown.error} onRetry={() => void shown.refetch()} />)}
      {shown.data && <YearForm token={token} slip={shown.data} onIn={onIn} />}
    </Gate>
  )
}

function Over() {
  const { t } = useTranslation('identity')
  return (
    <>
      <Notice urgent title={t('problem.slip_over')}>
        {t('slip.overWhy')}
      </Notice>
      <a className={gate.quiet} href="/my">
        {t('phone.byCode')}
      </a>
    </>
  )
}

type Slip = { first_name: string; initial: string; age_years: number | null; is_child: boolean }

function YearForm({ token, slip, onIn }: { token: string; slip: Slip; onIn: () => void }) {
  const { t, i18n } = useTranslation('identity')
  const words = useProblemText()
  const [year, setYear] = useState('')
  const [relation, setRelation] = useState<'self' | 'carer'>('self')
  const [fault, setFault] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFault(/^\d{4}$/.test(year) ? null : t('slip.yearMissing'))
    if (!/^\d{4}$/.test(year)) return field.current?.focus()
    if (isSending) return
    setSending(true)
    setRefusal(null)
    try {
      const language = isLanguage(i18n.language) ? i18n.language : 'en'
      const { data } = await api.POST('/api/auth/slip', { body: { token, birth_year: Number(year), relation, language, client: 'browser' } })
      if (!data) return
      await enter(data.access_token)
      onIn()
    } catch (error) {
      const { code, extra } = asProblem(error)
      if (code === 'slip_year_wrong') setFault(t('slip.yearWrong', { count: Number(extra.tries_left) }))
      else setRefusal(error)
      field.current?.focus()
    } finally {
      setSending(false)
    }
  }
  return (
    <form className={gate.form} onSubmit={(event) => void submit(event)} noValidate>
      <p className={styles.who}>
        {[slip.first_name, slip.initial && `${slip.initial}.`].filter(Boolean).join(' ')}
        {slip.age_years !== null && <small>{t('slip.years', { count: slip.age_years })}</small>}
      </p>
      {!slip.is_child && (
        <fieldset className={styles.choice}>
          <legend>{t('slip.relation')}</legend>
          {(['self', 'carer'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="relation" checked={relation === one} onChange={() => setRelation(one)} />
              {t(`slip.relations.${one}`)}
            </label>
          ))}
        </fieldset>
      )}
      <TextInput
        ref={field} size="xl" label={t('slip.year')} inputMode="numeric" autoComplete="off" maxLength={4} classNames={{ input: styles.number }}
        value={year} error={fault} onChange={({ currentTarget }) => setYear(currentTarget.value.replace(/\D/g, ''))}
      />
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <Button type="submit" size="xl" className={gate.submit} loading={isSending}>
        {t('slip.open', { name: slip.first_name })}
      </Button>
    </form>
  )
}
