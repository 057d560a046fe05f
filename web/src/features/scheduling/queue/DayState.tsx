import { Button, Menu } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { toast } from '~/ui'

type State = 'here' | 'late' | 'on-break' | 'gone'
const choices: readonly { state: State; minutes?: number }[] = [
  { state: 'here' },
  { state: 'late', minutes: 15 },
  { state: 'late', minutes: 30 },
  { state: 'late', minutes: 60 },
  { state: 'on-break', minutes: 15 },
  { state: 'on-break', minutes: 30 },
  { state: 'gone' },
]

/** One tap says late, on a break, gone or here; the waits on every screen follow and the patients are told. */
export function DayState({ practitionerId, facilityId, now }: { practitionerId: string; facilityId: string; now: string | undefined }) {
  const { t } = useTranslation('scheduling')
  const change = $api.useMutation('post', '/api/practitioners-today/{practitioner_id}')
  const choose = async ({ state, minutes }: (typeof choices)[number]) => {
    await change.mutateAsync({ params: { path: { practitioner_id: practitionerId } }, body: { facility_id: facilityId, state, minutes } })
    toast({ title: t(`day.${state}`, { count: minutes ?? 0 }), detail: t('day.told') })
  }
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="default" loading={change.isPending}>
          {now && now !== 'here' ? t(`day.now.${now}`) : t('day.open')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((choice) => (
          <Menu.Item key={`${choice.state}${choice.minutes ?? ''}`} onClick={() => void choose(choice)}>
            {t(`day.${choice.state}`, { count: choice.minutes ?? 0 })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
