import { PasswordInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'

export const shortestPassword = 10
export type Passwords = { current: string; new: string; again: string }

export const passwordRules = (t: TFunction<'identity'>) => ({
  current: (value: string) => (value ? null : t('password.current.missing')),
  new: (value: string, all: Passwords) => {
    if (value.length < shortestPassword) return t('password.new.short', { count: shortestPassword })
    return value === all.current ? t('password.new.same') : null
  },
  again: (value: string, all: Passwords) => (value === all.new ? null : t('password.again.differs')),
})

type Props = {
  form: Pick<UseFormReturnType<Passwords>, 'getInputProps'>
  /** For password keepers, which file a password under a name. */
  username?: string
  /** Whoever just signed in with a password given for once is not asked for it again. */
  withCurrent?: boolean
}

/** The fields of a changed password. */
export function PasswordFields({ form, username = '', withCurrent = true }: Props) {
  const { t } = useTranslation('identity')
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t('password.toggle') } }
  return (
    <>
      <input type="text" name="username" autoComplete="username" defaultValue={username} hidden readOnly />
      {withCurrent && <PasswordInput label={t('password.current.label')} autoComplete="current-password" {...toggle} {...form.getInputProps('current')} />}
      <PasswordInput
        label={t('password.new.label')}
        description={t('password.new.hint', { count: shortestPassword })}
        autoComplete="new-password"
        autoFocus={!withCurrent}
        {...toggle}
        {...form.getInputProps('new')}
      />
      <PasswordInput label={t('password.again.label')} autoComplete="new-password" {...toggle} {...form.getInputProps('again')} />
    </>
  )
}
