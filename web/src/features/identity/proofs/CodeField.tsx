import { TextInput, type TextInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Six digits from the app, or a recovery code from paper. */
export function CodeField({ withPaper = true, ...rest }: TextInputProps & { withPaper?: boolean }) {
  const { t } = useTranslation('proofs')
  return (
    <TextInput
      label={t('code.label')}
      description={withPaper ? t('code.orPaper') : undefined}
      autoComplete="one-time-code"
      inputMode={withPaper ? 'text' : 'numeric'}
      autoCapitalize="none"
      spellCheck={false}
      autoFocus
      {...rest}
    />
  )
}
