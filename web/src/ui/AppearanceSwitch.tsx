import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { SegmentedFilter } from './SegmentedFilter'

/** Light, dark, or as the device says; remembered in this browser. */
export function AppearanceSwitch() {
  const { t } = useTranslation('ui')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const schemes = ['auto', 'light', 'dark'] as const satisfies readonly MantineColorScheme[]
  return (
    <SegmentedFilter
      label={t('appearance.label')}
      value={colorScheme}
      onChange={setColorScheme}
      segments={schemes.map((value) => ({ value, label: t(`appearance.${value}`) }))}
    />
  )
}
