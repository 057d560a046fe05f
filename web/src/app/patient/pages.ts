import { CalendarDays, CircleUserRound, House, ListChecks } from 'lucide-react'
import type { PageEntry } from '../pages'

/**
 * The patient's pages under /my, in the tabs' order. To add one: a file under pages/, a line here, its word under "nav"
 * in i18n/en.json and hi.json. At most four have a tab; only what exists is in this table.
 */
export const patientPages: readonly PageEntry[] = [
  { path: '/home', load: () => import('./pages/Home'), words: ['scheduling', 'own'], can: ['appointment.read'], nav: { label: 'home', icon: House } },
  { path: '/book', load: () => import('./pages/Book'), words: ['scheduling', 'own'], can: ['appointment.book'], nav: { label: 'book', icon: CalendarDays } },
  { path: '/visits', load: () => import('./pages/Visits'), words: ['scheduling', 'own'], can: ['appointment.read'], nav: { label: 'visits', icon: ListChecks } },
  { path: '/visits/$id', load: () => import('./pages/Visit'), words: ['scheduling', 'calendars'], can: ['appointment.read'] },
  { path: '/visits/$id/move', load: () => import('./pages/MoveVisit'), words: ['scheduling'], can: ['appointment.change'] },
  { path: '/waiting', load: () => import('./pages/Waiting'), words: ['scheduling'], can: ['appointment.book'] },
  { path: '/messages', load: () => import('./pages/Messages'), words: ['notifications'], can: ['notification.own'] },
  { path: '/family', load: () => import('./pages/Family'), words: ['own'] },
  { path: '/slip', load: () => import('./pages/Slip'), isForAnybody: true },
  { path: '/offer', load: () => import('./pages/Offer'), isForAnybody: true },
  { path: '/me', load: () => import('./pages/Me'), words: ['identity', 'calendars', 'own'], nav: { label: 'me', icon: CircleUserRound } },
]
