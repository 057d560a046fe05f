import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Bell as UnreadBell } from '~/features/notifications'
import { isOpenTo } from '../pages'
import { staffPages } from './pages'

/** Messages that wait, where there is a page to read them on. */
export function Bell() {
  const { t } = useTranslation('staff')
  const page = staffPages.find(({ path }) => path === '/notifications')
  if (!page || !isOpenTo(page)) return null
  return <UnreadBell label={(count) => t('top.messages', { count })} link={(its) => <ActionIcon component={Link} to={page.path} {...its} />} />
}
