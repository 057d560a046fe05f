import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { lazy, Suspense, useState } from 'react'
import { MyEmail, MySecondFactor, PasswordForm, Sessions } from '~/features/identity'
import { FamilySwitcher } from '~/features/patients'
import { CalendarFeeds } from '~/features/scheduling'
import { can, signOut, useMe } from '~/lib/session'
import { Facts } from '~/ui/Field'
import { LanguageSwitch } from '~/ui/LanguageSwitch'
import { Card, PhonePage, PhoneSection } from '~/ui/PhonePage'
import { Link } from '../router'

const AppearanceSwitch = lazy(() => import('~/ui/AppearanceSwitch').then(({ AppearanceSwitch }) => ({ default: AppearanceSwitch })))
const coming = <div aria-busy="true" />

/** The patient's own account. */
export default function Me() {
  const { t } = useTranslation('patient')
  const { user, has_password } = useMe()
  const [changing, setChanging] = useState(false)
  return (
    <PhonePage title={user.name || t('me.title')}>
      <Card padded>
        <Facts
          items={[
            [t('me.language'), <LanguageSwitch key="language" full />],
            [t('me.appearance'), <Suspense key="appearance" fallback={coming}><AppearanceSwitch /></Suspense>],
          ]}
        />
      </Card>
      <PhoneSection title={t('me.family')}>
        <FamilySwitcher add={(children, className) => <Link to="/family" className={className}>{children}</Link>} />
      </PhoneSection>
      <PhoneSection title={t('me.sessions')}>
        <Card>
          <Suspense fallback={coming}>
            <Sessions short />
          </Suspense>
        </Card>
      </PhoneSection>
      {can('appointment.read') && (
        <Suspense fallback={coming}>
          <CalendarFeeds frame={(title, content) => <PhoneSection title={title}><Card>{content}</Card></PhoneSection>} />
        </Suspense>
      )}
      {has_password !== false && (
        <>
          <PhoneSection title={t('me.password')}>
            {changing ? (
              <Card padded>
                <Suspense fallback={coming}>
                  <PasswordForm />
                </Suspense>
              </Card>
            ) : (
              <Button variant="default" fullWidth onClick={() => setChanging(true)}>
                {t('me.change')}
              </Button>
            )}
          </PhoneSection>
          <PhoneSection title={t('me.secondFactor')}>
            <Card padded>
              <Suspense fallback={coming}>
                <MySecondFactor />
              </Suspense>
            </Card>
          </PhoneSection>
          <PhoneSection title={t('me.email')}>
            <Card padded>
              <Suspense fallback={coming}>
                <MyEmail />
              </Suspense>
            </Card>
          </PhoneSection>
        </>
      )}
      <Button variant="default" leftSection={<LogOut size={18} aria-hidden />} onClick={() => void signOut()}>
        {t('me.leave')}
      </Button>
    </PhonePage>
  )
}
