import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Bell as BellIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useUnreadCount } from '~/features/notifications'
import { isOpenTo } from '../pages'
import styles from './Bell.module.css'
import { staffPages } from './pages'

const atMost = 99

/** Messages that wait, where there is a page to read them on. */
export function Bell() {
  const page = staffPages.find(({ path }) => path === '/notifications')
  return page && isOpenTo(page) ? <OpenBell to={page.path} /> : null
}

function OpenBell({ to }: { to: string }) {
  const { t } = useTranslation('staff')
  const unread = useUnreadCount()
  const label = t('top.messages', { count: unread })
  return (
    <ActionIcon component={Link} to={to} className={styles.bell} aria-label={label} title={label}>
      <BellIcon size={17} strokeWidth={1.75} />
      {unread > 0 && <span className={`num ${styles.count}`}>{unread > atMost ? `${atMost}+` : unread}</span>}
    </ActionIcon>
  )
}
