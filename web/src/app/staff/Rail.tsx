import { Menu } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Mark } from '~/ui'
import { isOpenTo, type PageEntry } from '../pages'
import { staffPages } from './pages'
import styles from './Rail.module.css'

type Item = PageEntry & { nav: NonNullable<PageEntry['nav']> }
const hasPlace = (page: PageEntry): page is Item => page.nav !== undefined
const inBottomBar = 4

/** Every page that is mine; on a phone the first four at the bottom and the rest behind More. */
export function Rail() {
  const { t } = useTranslation('staff')
  const mine = staffPages.filter(hasPlace).filter(isOpenTo)
  const first = [...mine.filter(({ nav }) => nav.at === 'start'), ...mine.filter(({ nav }) => nav.at === undefined)]
  const last = mine.filter(({ nav }) => nav.at === 'end')
  const rest = [...first, ...last].slice(inBottomBar)
  return (
    <nav className={styles.rail} aria-label={t('rail.label')} data-empty={mine.length === 0 || undefined}>
      <Link className={styles.mark} to="/" aria-label={t('rail.home')}>
        <Mark />
      </Link>
      {first.map((item, at) => (
        <RailLink key={item.path} item={item} isBeyond={at >= inBottomBar} />
      ))}
      <span className={styles.space} />
      {last.map((item, at) => (
        <RailLink key={item.path} item={item} isBeyond={first.length + at >= inBottomBar} />
      ))}
      {rest.length > 0 && (
        <Menu position="top-end">
          <Menu.Target>
            <button type="button" className={`${styles.item} ${styles.more}`}>
              <Ellipsis size={18} strokeWidth={1.75} aria-hidden />
              <span>{t('rail.more')}</span>
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map(({ path, nav: { icon: Icon, label } }) => (
              <Menu.Item key={path} component={Link} to={path} leftSection={<Icon size={18} strokeWidth={1.75} aria-hidden />}>
                {t(`nav.${label}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </nav>
  )
}

function RailLink({ item: { path, nav }, isBeyond }: { item: Item; isBeyond: boolean }) {
  const { t } = useTranslation('staff')
  const { pathname } = useLocation()
  const isHere = pathname === path || pathname.startsWith(`${path}/`)
  const Icon = nav.icon
  return (
    <Link to={path} className={styles.item} aria-current={isHere ? 'page' : undefined} data-beyond={isBeyond || undefined}>
      <Icon size={18} strokeWidth={1.75} aria-hidden />
      <span>{t(`nav.${nav.label}`)}</span>
    </Link>
  )
}
