import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, focusFirstError } from '~/lib/api'
import { birthOf, missingDigits } from '~/lib/birth'
import { noticeVersion } from '~/lib/privacyNotice'
import { register } from '~/lib/session'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { isLanguage } from '~/lib/words'
import { ErrorState } from '~/ui/ErrorState'
import { Notice } from '~/ui/Notice'
import styles from './SelfRegistration.module.css'

type Props = {
  /** The hospital whose link was followed; null where the person chooses. */
  hospitalCode: string | null
}

const genders = ['female', 'male', 'other', 'unknown'] as const
type Gender = (typeof genders)[number]

const nobody = { organization_id: '', name: '', birth: '', gender: '' as Gender | '', phone: '', username: '', password: '', was_notice_read: false }

/** Someone who was never here makes their own record and a way to sign in to it. */
export function SelfRegistration({ hospitalCode }: Props) {
  const { t, i18n } = useTranslation('identity')
  const words = useProblemText()
  const showFaults = useFaults()
  const hospitals = $api.useQuery('get', '/api/auth/hospitals')
  const noticeError = useId()
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const open = hospitals.data?.items ?? []
  const linked = open.find((one) => one.code.toLowerCase() === hospitalCode?.toLowerCase())
  const only = linked ?? (open.length === 1 ? open[0] : undefined)
  const form = useForm({
    initialValues: nobody,
    validate: {
      organization_id: (value) => (only || value ? null : t('self.missing.hospital')),
      name: (value) => (value.trim() ? null : t('self.missing.name')),
      birth: (value) => (bornOf(value) ? null : t('self.missing.birth')),
      gender: (value) => (value ? null : t('self.missing.gender')),
      phone: (value) => {
        if (!/^\+?[0-9][0-9 ()/-]{4,30}$/.test(value.trim())) return t('self.missing.phone')
        const count = missingDigits(value)
        return count ? t('self.missing.digits', { count }) : null
      },
      username: (value) => (/^[A-Za-z][A-Za-z0-9._-]{1,39}$/.test(value.trim()) ? null : t('self.missing.username')),
      password: (value) => (value.length >= 10 ? null : t('self.missing.password')),
      was_notice_read: (value) => (value ? null : t('self.missing.notice')),
    },
  })
  const submit = form.onSubmit(
    async ({ organization_id, birth, gender, was_notice_read, ...said }) => {
      if (sending || !was_notice_read || !gender) return
      setSending(true)
      setRefusal(null)
      try {
        await register({
          ...said, ...bornOf(birth), gender, organization_id: only?.id ?? organization_id, name: said.name.trim(),
          phone: said.phone.trim(), username: said.username.trim(), privacy_notice_version: noticeVersion,
          language: isLanguage(i18n.language) ? i18n.language : 'en',
        })
      } catch (error) {
        if (!showFaults(form, error)) setRefusal(error)
        setSending(false)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  if (hospitals.error) return <ErrorState error={hospitals.error} onRetry={() => void hospitals.refetch()} />
  if (!hospitals.data) return null
  if (open.length === 0) return <Notice tone="neutral">{t('self.closed')}</Notice>
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('self.title')}>
      {only ? (
        <p className={styles.hospital}>{only.name}</p>
      ) : (
        <NativeSelect label={t('self.hospital')} {...form.getInputProps('organization_id')}>
          <option value="">{t('self.chooseHospital')}</option>
          {open.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </NativeSelect>
      )}
      <TextInput label={t('self.name')} autoComplete="name" {...form.getInputProps('name')} />
      <TextInput label={t('self.birth')} description={t('self.birthHint')} autoComplete="off" {...form.getInputProps('birth')} />
      <NativeSelect label={t('self.gender')} {...form.getInputProps('gender')}>
        <option value="">{t('self.choose')}</option>
        {genders.map((gender) => (
          <option key={gender} value={gender}>
            {t(`self.genders.${gender}`)}
          </option>
        ))}
      </NativeSelect>
      <TextInput label={t('self.phone')} type="tel" autoComplete="tel" {...form.getInputProps('phone')} />
      <TextInput label={t('self.username')} description={t('self.usernameHint')} autoComplete="username" autoCapitalize="none" spellCheck={false} {...form.getInputProps('username')} />
      <PasswordInput
        label={t('self.password')} description={t('self.passwordHint')} autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('password.toggle') }} {...form.getInputProps('password')}
      />
      <section className={styles.notice} aria-label={t('lib:privacyNotice.title')}>
        <h2>{t('lib:privacyNotice.title')}</h2>
        <p>{t('lib:privacyNotice.text')}</p>
      </section>
      <div>
        <label className={styles.tick}>
          <input type="checkbox" aria-describedby={noticeError} aria-invalid={!!form.errors.was_notice_read} {...form.getInputProps('was_notice_read', { type: 'checkbox', withError: false })} />
          {t('self.noticeRead')}
        </label>
        {form.errors.was_notice_read && (
          <p id={noticeError} className={styles.error}>
            {form.errors.was_notice_read}
          </p>
        )}
      </div>
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <Button type="submit" size="lg" loading={sending}>
        {t('self.submit')}
      </Button>
    </form>
  )
}

/** Who registers alone is old enough to count in years. */
function bornOf(typed: string): { birth_date: string } | { age_years: number } | null {
  const birth = birthOf(typed)
  return birth && !('age_months' in birth) ? birth : null
}
