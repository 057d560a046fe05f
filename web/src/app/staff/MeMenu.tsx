import { Avatar, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Building2, CircleUserRound, Languages, LockKeyhole, LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useRoleWord } from '~/features/identity'
import { initialsOf } from '~/lib/initials'
import { signOut, switchOrganization, useMe } from '~/lib/session'
import { chooseLanguage, currentLanguage } from '~/lib/words'
import { HindiWord } from '~/ui/HindiWord'
import styles from './MeMenu.module.css'

/** Who I am here, my account, my other hospitals, and the ways out. */
export function MeMenu() {
  const { t } = useTranslation('staff')
  const { user, roles, memberships, organization } = useMe()
  const word = useRoleWord()
  const role = memberships.find(({ role: held, custom_role, organization_id }) => organization_id === organization?.id && (custom_role ? `custom:${custom_role.name}` : held) === roles[0])
  const others = new Map(memberships.filter((one) => one.organization_id !== organization?.id).map((one) => [one.organization_id, one.organization_name]))
  const other = currentLanguage() === 'hi' ? 'en' : 'hi'
  const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <button type="button" className={styles.me}>
          <Avatar aria-hidden size={26} radius="xl" variant="light" color="gray" classNames={{ placeholder: styles.initials }}>
            {initialsOf(user.name)}
          </Avatar>
          <span className={styles.who}>
            <b>{user.name}</b>
            <small>{word(role ?? { role: user.is_platform_admin ? 'super_admin' : null, custom_role: null })}</small>
          </span>
          <span className="vh">{t('me.menu')}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item className={styles.narrow} lang={other} leftSection={<Languages {...icon} />} onClick={() => void chooseLanguage(other)}>
          {other === 'hi' ? <HindiWord word="full" size={14} /> : 'English'}
          <span className="vh">{other === 'hi' && 'हिन्दी'}</span>
        </Menu.Item>
        <Menu.Item component={Link} to="/account" leftSection={<CircleUserRound {...icon} />}>
          {t('me.account')}
        </Menu.Item>
        {[...others].map(([id, name]) => (
          <Menu.Item key={id} leftSection={<Building2 {...icon} />} onClick={() => void switchOrganization(id)}>
            {t('me.workAt', { name })}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LockKeyhole {...icon} />} onClick={() => void signOut('locked')}>
          {t('top.lock')}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut {...icon} />} onClick={() => void signOut()}>
          {t('me.leave')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
