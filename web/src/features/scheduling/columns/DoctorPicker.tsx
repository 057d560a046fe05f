import { Button, Menu } from '@mantine/core'
import { Check, Columns3 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { isService } from '../bookable'
import type { Doctor } from './columnsDay'
import styles from './Columns.module.css'

export const mostColumns = 5

type Props = { doctors: readonly Doctor[]; shownIds: readonly string[]; onChange: (ids: string[]) => void }

/** Which doctors stand side by side, five at most; at least one stays. */
export function DoctorPicker({ doctors, shownIds, onChange }: Props) {
  const { t } = useTranslation('scheduling')
  const services = doctors.filter(isService)
  const some = { count: shownIds.length, total: doctors.length }
  const toggle = (id: string) => onChange(shownIds.includes(id) ? shownIds.filter((other) => other !== id) : [...shownIds, id])
  return (
    <Menu closeOnItemClick={false} position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<Columns3 size={16} aria-hidden />} aria-label={t('columns.doctors', some)} title={t('columns.doctors', some)}>{t('columns.shown', some)}</Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.picker}>
        {[...doctors.filter((one) => !isService(one)), ...services].map(({ id, name, specialty }, nth) => {
          const isShown = shownIds.includes(id)
          const isFixed = isShown ? shownIds.length === 1 : shownIds.length >= mostColumns
          const head = services.length > 0 && (nth === 0 ? 'bookable.doctors' : nth === doctors.length - services.length ? 'bookable.services' : null)
          return [
            head && <Menu.Label key={head}>{t(head)}</Menu.Label>,
            <Menu.Item key={id} role="menuitemcheckbox" aria-checked={isShown} disabled={isFixed} onClick={() => toggle(id)} leftSection={<Check size={14} aria-hidden style={{ visibility: isShown ? 'visible' : 'hidden' }} />}>
              <b>{name}</b> <span className="dim2">{specialty}</span>
            </Menu.Item>,
          ]
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
