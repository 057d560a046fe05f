import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DayChoices } from './DayChoices'

/** The doctor says in one tap how the day goes. */
export function DayState({ practitionerId, facilityId, now }: { practitionerId: string; facilityId: string; now: string | undefined }) {
  const { t } = useTranslation('scheduling')
  const [isOpen, setOpen] = useState(false)
  return (
    <Menu position="bottom-end" width={220} opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <Button variant="default">{now && now !== 'here' ? t(`day.now.${now}`) : t('day.open')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <DayChoices practitionerId={practitionerId} facilityId={facilityId} onDone={() => setOpen(false)} />
      </Menu.Dropdown>
    </Menu>
  )
}
