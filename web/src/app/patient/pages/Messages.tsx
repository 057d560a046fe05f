import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { NotificationList } from '~/features/notifications'
import { Card, PhonePage, PhoneSkeleton } from '~/ui/PhonePage'
import { goBack, navigate } from '../router'
import styles from './Messages.module.css'

/** What me and mine were told: each leads to its visit, or to the place that is offered. */
export default function Messages() {
  const { t } = useTranslation('notifications')
  const [skip, setSkip] = useState(0)
  const open = ({ appointment_id: visit, offer_id: offer }: Record<string, unknown>) => {
    if (visit) navigate(`/visits/${String(visit)}`)
    else if (offer) navigate('/waiting')
  }
  return (
    <PhonePage title={t('title')} onBack={() => goBack('/home')}>
      <NotificationList
        skip={skip}
        onSkip={setSkip}
        onOpen={open}
        frame={({ list, unread, readAll, isComing, isEmpty }) => {
          if (isComing) return <PhoneSkeleton rows={5} carded />
          if (isEmpty) return list
          return (
            <>
              <div className={styles.bar}>
                <span className="num">{unread}</span>
                {readAll}
              </div>
              <Card>{list}</Card>
            </>
          )
        }}
      />
    </PhonePage>
  )
}
