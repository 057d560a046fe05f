import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DayChoices } from './DayChoices'
import { Handover } from './Handover'

/** The doctor says in one tap how the day goes; for who says it of another, whose day it is. */
export function DayState({ practitionerId, facilityId, now, name }: { practitionerId: string; facilityId: string; now: string | undefined; name?: string }) {
  const { t } = useTranslation('scheduling')
  const [isOpen, setOpen] = useState(false)
  const [isMoving, setMoving] = useState(false)
  return (
    <>
      <Menu position="bottom-end" width={220} opened={isOpen} onChange={setOpen}>
        <Menu.Target>
          <Button variant="default">{name ? `${name}: ${t(`day.now.${now ?? 'here'}`)}` : now && now !== 'here' ? t(`day.now.${now}`) : t('day.open')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <DayChoices practitionerId={practitionerId} facilityId={facilityId} name={name} onDone={() => setOpen(false)} />
          <Menu.Divider />
          <Menu.Item onClick={() => setMoving(true)}>{t('handover.open')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isMoving && <Handover practitionerId={practitionerId} facilityId={facilityId} name={name ?? t('queue.mine')} onClose={() => setMoving(false)} />}
    </>
  )
}
