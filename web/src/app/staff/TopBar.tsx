import { ActionIcon } from '@mantine/core'
import { LockKeyhole } from 'lucide-react'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { useNow } from '~/lib/clock'
import { useKeys } from '~/lib/keys'
import { placeName } from '~/lib/placeName'
import { useLive } from '~/lib/realtime'
import { can, signOut, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { LanguageSwitch } from '~/ui'
import { Bell } from './Bell'
import { Find } from './Find'
import { findSources } from './find'
import { MeMenu } from './MeMenu'
import styles from './TopBar.module.css'

/** Find, where and when, whether the screen is live, language, messages, lock, me. */
export function TopBar({ leftRef, rightRef }: { leftRef: Ref<HTMLDivElement>; rightRef: Ref<HTMLDivElement> }) {
  const { t } = useTranslation('staff')
  const sources = findSources.filter((source) => can(source.can))
  const lock = () => void signOut('locked')
  useKeys({ lock })
  return (
    <header className={styles.bar}>
      <div ref={leftRef} className={styles.left} />
      {sources.length > 0 && (
        <div className={styles.find}>
          <Find sources={sources} />
        </div>
      )}
      <Where />
      <span className={styles.space} />
      <div ref={rightRef} className={styles.right} />
      {can('live.listen') && <LiveMark />}
      <span className={styles.wide}>
        <LanguageSwitch />
      </span>
      <Bell />
      <ActionIcon className={styles.wide} aria-label={t('top.lock')} title={t('top.lock')} onClick={lock}>
        <LockKeyhole size={17} strokeWidth={1.75} />
      </ActionIcon>
      <MeMenu />
    </header>
  )
}

function Where() {
  const { organization, facilities } = useMe()
  const { dayShort, time } = useFormats()
  const now = useNow()
  return (
    <div className={styles.where}>
      {organization && <b>{placeOf(organization.name, facilities)}</b>}
      <span className="num">
        {dayShort(now)} · {time(now)}
      </span>
    </div>
  )
}

/** The branch too for who works at one only. */
function placeOf(hospital: string, facilities: readonly { name: string }[]): string {
  const [branch, another] = facilities
  if (!branch || another) return hospital
  return placeName(hospital, branch.name)
}

function LiveMark() {
  const { t } = useTranslation('staff')
  const { state } = useLive()
  return (
    <span className={styles.live} data-state={state}>
      <i />
      <span>{t(`live.${state}`)}</span>
    </span>
  )
}
