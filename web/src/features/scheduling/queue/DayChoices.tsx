import { Menu } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { Notice, toast } from '~/ui'

const choices = [
  { state: 'here' },
  { state: 'late', minutes: 15 },
  { state: 'late', minutes: 30 },
  { state: 'late', minutes: 60 },
  { state: 'on-break', minutes: 15 },
  { state: 'on-break', minutes: 30 },
  { state: 'gone' },
] as const

/** Of a menu: late, on a break, gone or here. The waits on every screen follow and the patients are told. */
export function DayChoices({ practitionerId, facilityId, name, onDone }: { practitionerId: string; facilityId: string; name?: string; onDone: () => void }) {
  const { t } = useTranslation('scheduling')
  const problemText = useProblemText()
  const change = $api.useMutation('post', '/api/practitioners-today/{practitioner_id}')
  const choose = (state: (typeof choices)[number]['state'], minutes?: number) =>
    change.mutate(
      { params: { path: { practitioner_id: practitionerId } }, body: { facility_id: facilityId, state, minutes } },
      {
        onSuccess: () => {
          const said = t(`day.${state}`, { count: minutes ?? 0 })
          toast({ title: name ? `${name}: ${said}` : said, detail: t('day.told') })
          onDone()
        },
      },
    )
  return (
    <>
      {change.error != null && <Notice urgent title={problemText(change.error)} />}
      {choices.map((choice) => {
        const minutes = 'minutes' in choice ? choice.minutes : undefined
        return (
          <Menu.Item key={`${choice.state}${minutes ?? ''}`} closeMenuOnClick={false} disabled={change.isPending} onClick={() => choose(choice.state, minutes)}>
            {t(`day.${choice.state}`, { count: minutes ?? 0 })}
          </Menu.Item>
        )
      })}
    </>
  )
}
