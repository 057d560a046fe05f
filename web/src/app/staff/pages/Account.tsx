import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { MyEmail, MySecondFactor, Organizations, PasswordForm, PinForm, Sessions, ShareComputer } from '~/features/identity'
import { CalendarFeeds } from '~/features/scheduling'
import { can, useMe } from '~/lib/session'
import { AppearanceSwitch, Facts, LanguageSwitch, Page, Panel, PanelBody } from '~/ui'
import { Coming } from '~/ui/Coming'
import styles from './Account.module.css'

/** What is mine: how it looks, where I am signed in, my password. */
export default function Account() {
  const { t } = useTranslation('staff')
  const { user } = useMe()
  return (
    <Page title={t('account.title')} note={user.name}>
      <div className={styles.account}>
        <div className={styles.column}>
          <Panel title={t('account.me')}>
            <PanelBody>
              <Facts
                items={[
                  [t('account.name'), user.name],
                  [t('account.language'), <LanguageSwitch key="language" full />],
                  [t('account.appearance'), <AppearanceSwitch key="appearance" />],
                ]}
              />
            </PanelBody>
          </Panel>
          <Panel title={t('account.password')}>
            <PanelBody>
              <PasswordForm />
            </PanelBody>
          </Panel>
          {can('counter.share') && (
            <Panel title={t('account.pin')}>
              <PanelBody>
                <PinForm />
              </PanelBody>
            </Panel>
          )}
        </div>
        <div className={styles.column}>
          <Panel title={t('account.sessions')}>
            <Suspense fallback={<Coming />}>
              <Sessions />
            </Suspense>
          </Panel>
          {can('appointment.read') && (
            <Suspense fallback={<Coming />}>
              <CalendarFeeds frame={(title, content) => <Panel title={title}>{content}</Panel>} />
            </Suspense>
          )}
          <Panel title={t('account.work')}>
            <Organizations />
          </Panel>
          {can('counter.share') && (
            <Panel title={t('account.computer')}>
              <PanelBody>
                <ShareComputer />
              </PanelBody>
            </Panel>
          )}
          <Panel title={t('account.secondFactor')}>
            <PanelBody>
              <MySecondFactor />
            </PanelBody>
          </Panel>
          <Panel title={t('account.email')}>
            <PanelBody>
              <MyEmail />
            </PanelBody>
          </Panel>
        </div>
      </div>
    </Page>
  )
}
