import { useTranslation } from 'react-i18next'
import { NotificationList } from '~/features/notifications'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

export default function Notifications() {
  const { t } = useTranslation('notifications')
  const [at, setAt] = useUrlState<{ show: string; skip: number }>({ show: 'all', skip: 0 })
  return (
    <Page label={t('title')}>
      <NotificationList
        show={at.show === 'unread' ? 'unread' : 'all'}
        skip={at.skip}
        onShow={(show) => void setAt({ show, skip: 0 })}
        onSkip={(skip) => void setAt({ skip })}
      />
    </Page>
  )
}
