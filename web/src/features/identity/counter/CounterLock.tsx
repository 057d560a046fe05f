import { Avatar, Button, TextInput } from '@mantine/core'
import { useRef, useState, type FormEvent, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/lib/api'
import { initialsOf } from '~/lib/initials'
import { lastPersonId, readCounter, takeOver, type Counter } from '~/lib/session'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { Gate } from '../Gate'
import gate from '../Gate.module.css'
import { Refused, type Refusal } from '../Refused'
import styles from './CounterLock.module.css'

/** A locked counter: who goes on, and their PIN. Arrows choose, digits write, Enter goes on; the mouse can do it too. */
export function CounterLock({ counter, onPassword }: { counter: Counter; onPassword: () => void }) {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const { people } = counter
  const [chosenId, setChosenId] = useState(lastPersonId)
  const [pin, setPin] = useState('')
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [misses, setMisses] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const at = Math.max(0, people.findIndex(({ id }) => id === chosenId))
  const chosen = people[at]
  if (!chosen) return null

  const choose = (id: string) => {
    setChosenId(id)
    setPin('')
    setMisses(null)
    setRefusal(null)
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      const next = people[(at + step + people.length) % people.length]
      if (next) choose(next.id)
    } else if (/^\d$/.test(event.key)) field.current?.focus() // it goes where the focus is by the time it is written
  }
  const refuse = (error: unknown) => {
    const problem = asProblem(error)
    const wait_s = problem.retryAfter_s
    setRefusal({ text: wait_s ? t('signIn.tooMany') : words(problem), until: wait_s ? Date.now() + wait_s * 1000 : null })
    setPin('')
    field.current?.focus()
    if (problem.status === 403) void readCounter().catch(() => undefined)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (chosen.needs_password) return onPassword()
    if (sending || (refusal?.until && refusal.until > Date.now())) return
    if (!/^\d{4,6}$/.test(pin)) {
      setMisses(t('pin.shape'))
      return field.current?.focus()
    }
    setSending(true)
    setRefusal(null)
    await takeOver(chosen.id, pin).catch(refuse)
    setSending(false)
  }
  return (
    <Gate title={t('counter.locked')} note={`${counter.name}, ${counter.organization_name}`}>
      <form className={gate.form} onSubmit={(event) => void submit(event)} onKeyDown={onKeyDown} noValidate aria-label={t('counter.locked')}>
        <fieldset className={styles.people}>
          <legend className="vh">{t('counter.who')}</legend>
          {people.map(({ id, name, needs_password }) => (
            <label key={id} className={styles.person}>
              <input type="radio" name="person" className="vh" checked={id === chosen.id} onChange={() => choose(id)} tabIndex={-1} />
              <Avatar aria-hidden size={30} radius="xl" variant="light" color="gray" classNames={{ placeholder: styles.initials }}>
                {initialsOf(name)}
              </Avatar>
              <b>{name}</b>
              {needs_password && <small>{t('counter.needsPassword')}</small>}
            </label>
          ))}
        </fieldset>
        {chosen.needs_password ? (
          <Notice tone="neutral">{t('counter.needs', { name: chosen.name })}</Notice>
        ) : (
          <TextInput
            ref={field}
            label={t('counter.pin', { name: chosen.name })}
            type="password"
            inputMode="numeric"
            autoComplete="off"
            maxLength={6}
            autoFocus
            classNames={{ input: styles.pin }}
            value={pin}
            error={misses}
            onChange={({ currentTarget }) => {
              setPin(currentTarget.value.replace(/\D/g, ''))
              setMisses(null)
            }}
          />
        )}
        {refusal && <Refused {...refusal} />}
        <Button key={String(chosen.needs_password)} type="submit" size="lg" className={gate.submit} classNames={{ root: styles.go, label: styles.goOn }} loading={sending} autoFocus={chosen.needs_password}>
          {chosen.needs_password ? t('counter.withPassword') : t('counter.goOn', { name: chosen.name })}
        </Button>
        {!chosen.needs_password && (
          <button type="button" className={gate.quiet} onClick={onPassword}>
            {t('counter.withPassword')}
          </button>
        )}
        <p className={styles.keys}>{t('counter.keys')}</p>
      </form>
    </Gate>
  )
}
