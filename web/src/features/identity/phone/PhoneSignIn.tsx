import { Button, TextInput } from '@mantine/core'
import { useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, asProblem } from '~/lib/api'
import { missingDigits } from '~/lib/birth'
import { useNow } from '~/lib/clock'
import { enter } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { isLanguage } from '~/lib/words'
import { Gate } from '../Gate'
import gate from '../Gate.module.css'
import { SignIn } from '../index'
import { Refused, type Refusal } from '../Refused'
import styles from './Phone.module.css'

type Props = { because: 'nobody' | 'left' | 'locked' | 'expired'; username?: string }
type Asked = { code_id: string; phone: string; againAt: number }

/** A patient's way in: the number, then the code that comes to it. No password, no e-mail. */
export function PhoneSignIn({ because, username }: Props) {
  const { t, i18n } = useTranslation('identity')
  const words = useProblemText()
  const [byPassword, setByPassword] = useState(because === 'locked')
  const [phone, setPhone] = useState('')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [isSending, setSending] = useState(false)
  const language = isLanguage(i18n.language) ? i18n.language : 'en'

  const tryTo = async (act: () => Promise<void>) => {
    if (isSending) return
    setSending(true)
    setRefusal(null)
    await act().catch((error: unknown) => {
      const problem = asProblem(error)
      const wait_s = problem.retryAfter_s
      setRefusal(wait_s ? { text: t('signIn.tooMany'), until: Date.now() + wait_s * 1000 } : { text: words(problem), until: null })
    })
    setSending(false)
  }
  const ask = (number: string) =>
    tryTo(async () => {
      const { data } = await api.POST('/api/auth/code', { body: { phone: number, language } })
      if (data) setAsked({ code_id: data.code_id, phone: number, againAt: Date.now() + data.again_in_s * 1000 })
    })
  const signInWith = (code: string) =>
    tryTo(async () => {
      if (!asked) return
      const { data } = await api.POST('/api/auth/code/sign-in', { body: { code_id: asked.code_id, code, language, client: 'browser' } })
      if (data) await enter(data.access_token)
    })
  const another = () => {
    setAsked(null)
    setRefusal(null)
  }

  if (byPassword) {
    const back = (
      <button type="button" className={gate.quiet} onClick={() => setByPassword(false)}>
        {t('phone.byCode')}
      </button>
    )
    return <SignIn because={because} username={username} other={back} />
  }
  if (asked) {
    return (
      <Gate title={t('phone.codeTitle')} note={<Sent phone={asked.phone} />}>
        <CodeForm key={asked.code_id} isSending={isSending} refusal={refusal} onCode={signInWith} />
        <Again at={asked.againAt} onAsk={() => void ask(asked.phone)} />
        <button type="button" className={gate.quiet} onClick={another}>
          {t('phone.otherNumber')}
        </button>
      </Gate>
    )
  }
  return (
    <Gate title={t('phone.title')} note={because === 'expired' ? t('signIn.expired') : t('phone.note')}>
      <NumberForm value={phone} onChange={setPhone} isSending={isSending} refusal={refusal} onNumber={ask} />
      <button type="button" className={gate.quiet} onClick={() => setByPassword(true)}>
        {t('phone.byPassword')}
      </button>
      <a className={gate.quiet} href="/my/register">
        {t('signIn.newHere')}
      </a>
    </Gate>
  )
}

function Sent({ phone }: { phone: string }) {
  const { t } = useTranslation('identity')
  return (
    <>
      <b className="num">{phone}</b> {t('phone.sent')}
    </>
  )
}

type NumberFormProps = { value: string; onChange: (value: string) => void; isSending: boolean; refusal: Refusal | null; onNumber: (phone: string) => void }

function NumberForm({ value, onChange, isSending, refusal, onNumber }: NumberFormProps) {
  const { t } = useTranslation('identity')
  const [fault, setFault] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const count = missingDigits(value)
    const wrong = !/^\+?[0-9][0-9 ()/-]{4,30}$/.test(value.trim()) ? t('self.missing.phone') : count ? t('self.missing.digits', { count }) : null
    setFault(wrong)
    if (wrong) field.current?.focus()
    else onNumber(value.trim())
  }
  return (
    <form className={gate.form} onSubmit={submit} noValidate>
      <TextInput
        ref={field} size="xl" label={t('phone.number')} type="tel" inputMode="tel" autoComplete="tel" autoFocus classNames={{ input: styles.number }}
        value={value} error={fault} onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {refusal && <Refused {...refusal} />}
      <Button type="submit" size="xl" className={gate.submit} loading={isSending}>
        {t('phone.send')}
      </Button>
    </form>
  )
}

const length = 6

/** The phone offers the code from its message; the sixth digit sends it. */
function CodeForm({ isSending, refusal, onCode }: { isSending: boolean; refusal: Refusal | null; onCode: (code: string) => void }) {
  const { t } = useTranslation('identity')
  const [code, setCode] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const send = (typed: string) => {
    setFault(typed.length < length ? t('phone.codeShort') : null)
    if (typed.length < length) field.current?.focus()
    else onCode(typed)
  }
  const type = (text: string) => {
    const digits = text.replace(/\D/g, '').slice(0, length)
    setCode(digits)
    if (digits.length === length && digits !== code) send(digits)
  }
  return (
    <form
      className={gate.form} noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send(code)
      }}
    >
      <TextInput
        ref={field} size="xl" label={t('phone.code')} inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]*" autoFocus
        classNames={{ input: styles.code }} value={code} error={fault} onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      {refusal && <Refused {...refusal} />}
      <Button type="submit" size="xl" className={gate.submit} loading={isSending}>
        {t('phone.enter')}
      </Button>
    </form>
  )
}

/** A countdown, then the button: messages may be slow, and each next one waits longer. */
function Again({ at, onAsk }: { at: number; onAsk: () => void }) {
  const { t } = useTranslation('identity')
  const left_s = Math.ceil((at - useNow('second')) / 1000)
  if (left_s > 0) {
    return (
      <p className={`${styles.again} num`} role="timer">
        {t('phone.againIn', { time: `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, '0')}` })}
      </p>
    )
  }
  return (
    <button type="button" className={gate.quiet} onClick={onAsk}>
      {t('phone.again')}
    </button>
  )
}
