import { Radio, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'

export type Scope = components['schemas']['CancelSeries']['scope']
const scopes = ['this', 'following', 'all'] as const

/** How much of a series is meant: this one, it and the following, all that are yet to come. */
export function ScopeChoice({ label, value, onChange }: { label: string; value: Scope; onChange: (scope: Scope) => void }) {
  const { t } = useTranslation('scheduling')
  return (
    <Radio.Group label={label} value={value} onChange={(chosen) => onChange(chosen as Scope)}>
      <Stack gap={6} mt={4}>
        {scopes.map((scope) => <Radio key={scope} value={scope} label={t(`series.scope.${scope}`)} />)}
      </Stack>
    </Radio.Group>
  )
}
