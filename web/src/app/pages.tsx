import type { LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import { useTranslation } from 'react-i18next'
import { can, session } from '~/lib/session'
import { EmptyState } from '~/ui/EmptyState'

/** A line of a shell's page table. The shell shows only what the permissions give. */
export type PageEntry = {
  /** "/desk", "/patients/$id". */
  path: string
  load: () => Promise<{ default: ComponentType }>
  /** The words that the page needs, fetched beside its code. */
  words?: readonly string[]
  /** Any of these permissions opens it; left out, everyone signed in. */
  can?: readonly string[]
  /** Opens without a sign-in, too: a link or a QR code leads there. */
  isForAnybody?: true
  /** Its place in the rail or the tabs; left out, it is reached from elsewhere. `label` is a key of the shell's words. */
  nav?: { label: string; icon: LucideIcon; at?: 'start' | 'end' }
  /** Roles that start their day here, in the table's order. */
  homeFor?: readonly string[]
}

export const isOpenTo = (page: PageEntry) => !page.can || page.can.some(can)

/** Where this person's day begins: their role's page, else the first that is theirs. */
export function homeOf(pages: readonly PageEntry[]): string {
  const now = session()
  const roles = now.status === 'signed-in' ? now.me.roles : []
  const open = pages.filter((page) => isOpenTo(page) && !page.path.includes('$'))
  const mine = open.find(({ homeFor }) => homeFor?.some((role) => roles.includes(role)))
  return (mine ?? open.find(({ nav }) => nav) ?? open[0])?.path ?? '/'
}

export function NotYours() {
  const { t } = useTranslation('ui')
  return <EmptyState title={t('page.notYours')} why={t('page.notYoursWhy')} />
}

export function NoSuchPage() {
  const { t } = useTranslation('ui')
  return <EmptyState title={t('page.missing')} why={t('page.missingWhy')} />
}
