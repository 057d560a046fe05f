import { Bell as BellIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './Bell.module.css'
import { useUnreadCount } from './queries'

const atMost = 99

type Its = { className: string | undefined; 'aria-label': string; title: string; children: ReactNode }
type Props = {
  label: (unread: number) => string
  /** What is pressed: each shell has its own way to the page. */
  link: (its: Its) => ReactNode
  /** For a thumb. */
  large?: boolean
}

/** How many messages wait, on the way to them. */
export function Bell({ label, link, large = false }: Props) {
  const unread = useUnreadCount()
  const said = label(unread)
  return link({
    className: styles.bell,
    'aria-label': said,
    title: said,
    children: (
      <>
        <BellIcon size={large ? 22 : 17} strokeWidth={1.75} aria-hidden />
        {unread > 0 && <span className={`num ${styles.count}`} data-large={large || undefined}>{unread > atMost ? `${atMost}+` : unread}</span>}
      </>
    ),
  })
}
