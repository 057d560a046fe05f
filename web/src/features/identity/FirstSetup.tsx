import { Button, PasswordInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, focusFirstError, useIdempotent } from '~/lib/api'
import { signIn } from '~/lib/session'
import { currentLanguage } from '~/lib/words'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { todaysZoneName, zoneNames } from '~/lib/zoneNames'
import { FieldRow } from '~/ui/Field'
import { Notice } from '~/ui/Notice'
import { Gate } from './Gate'
import styles from './Gate.module.css'
import { shortestPassword } from './NewPassword'

const presets = ['hospital', 'solo'] as const

/** "Nirmal Hospital" → "NH"; empty where the name gives no two Latin letters. */
const initialsOf = (name: string) => {
  const letters = name.toUpperCase().match(/\b[A-Z]/g)?.join('').slice(0, 8) ?? ''
  return letters.length >= 2 ? letters : ''
}

/** The very first visit: the code from the terminal, the hospital, its administrator. */
export function FirstSetup({ code = '' }: { code?: string }) {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const client = useQueryClient()
  const idempotent = useIdempotent()
  const { mutateAsync: send } = $api.useMutation('post', '/api/setup')
  const showFaults = useFaults()
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const zones = useMemo(() => zoneNames(), [])

  const needed = (value: string) => (value.trim() ? null : t('setup.missing'))
  const form = useForm({
    initialValues: {
      code,
      hospital_name: '',
      hospital_code: '',
      facility_name: '',
      time_zone: todaysZoneName(Intl.DateTimeFormat().resolvedOptions().timeZone),
      admin_name: '',
      username: '',
      password: '',
      preset: 'hospital' as (typeof presets)[number],
    },
    validate: {
      code: needed,
      hospital_name: needed,
      hospital_code: (value) => (/^[A-Z][A-Z0-9]{1,7}$/.test(value) ? null : t('setup.codeShape')),
      facility_name: needed,
      time_zone: needed,
      admin_name: needed,
      username: (value) => (/^[A-Za-z][A-Za-z0-9._-]{1,39}$/.test(value) ? null : t('setup.usernameShape')),
      password: (value) => (value.length < shortestPassword ? t('password.new.short', { count: shortestPassword }) : null),
    },
  })
  const proposeCode = () => {
    if (!form.values.hospital_code) form.setFieldValue('hospital_code', initialsOf(form.values.hospital_name))
  }
  const submit = form.onSubmit(
    async (values) => {
      if (sending) return
      setSending(true)
      setRefusal(null)
      try {
        await idempotent((headers) => send({ body: { ...values, language: currentLanguage() }, headers }))
        await signIn(values.username, values.password)
        client.removeQueries({ queryKey: ['get', '/api/setup'] })
      } catch (error) {
        if (!showFaults(form, error)) setRefusal(error)
      } finally {
        setSending(false)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  return (
    <Gate wide title={t('setup.title')} note={t('setup.note')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextInput label={t('setup.code')} description={t('setup.codeHint')} autoComplete="one-time-code" spellCheck={false} autoFocus={!code} {...form.getInputProps('code')} />
        <fieldset className={styles.group}>
          <legend>{t('setup.preset')}</legend>
          <div className={styles.presets}>
            {presets.map((preset) => (
              <label key={preset}>
                <input type="radio" name="preset" checked={form.values.preset === preset} onChange={() => form.setFieldValue('preset', preset)} />
                <b>{t(`setup.presets.${preset}.title`)}</b>
                <small>{t(`setup.presets.${preset}.note`)}</small>
              </label>
            ))}
          </div>
        </fieldset>
        <FieldRow>
          <TextInput label={t('setup.hospital')} autoComplete="organization" {...form.getInputProps('hospital_name')} onBlur={proposeCode} />
          <TextInput label={t('setup.hospitalCode')} description={t('setup.hospitalCodeHint')} spellCheck={false} {...form.getInputProps('hospital_code')} />
        </FieldRow>
        <TextInput label={t('setup.facility')} {...form.getInputProps('facility_name')} />
        <Select label={t('setup.timezone')} data={zones} searchable {...form.getInputProps('time_zone')} />
        <FieldRow>
          <TextInput label={t('setup.adminName')} autoComplete="name" {...form.getInputProps('admin_name')} />
          <TextInput label={t('setup.username')} autoComplete="username" autoCapitalize="none" spellCheck={false} {...form.getInputProps('username')} />
        </FieldRow>
        <PasswordInput
          label={t('setup.password')}
          description={t('password.new.hint', { count: shortestPassword })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('password.toggle') }}
          {...form.getInputProps('password')}
        />
        {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
        <Button type="submit" size="lg" className={styles.submit} loading={sending}>
          {form.values.hospital_name.trim() ? t('setup.submitNamed', { name: form.values.hospital_name.trim() }) : t('setup.submit')}
        </Button>
      </form>
    </Gate>
  )
}
