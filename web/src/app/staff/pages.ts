import { BookText, Building2, CalendarDays, ClipboardList, CopyCheck, HeartPulse, Hourglass, LayoutDashboard, ListOrdered, Settings, ShieldCheck, Users } from 'lucide-react'
import type { PageEntry } from '../pages'

/**
 * The staff pages, in the rail's order. To add one: a file under pages/, a line here, its word under "nav" in
 * i18n/en.json and hi.json. A page that is not written is not in this table, so nothing in the shell leads nowhere.
 */
export const staffPages: readonly PageEntry[] = [
  { path: '/desk', load: () => import('./pages/Desk'), words: ['scheduling', 'patients', 'planner'], can: ['visit.receive'], nav: { label: 'desk', icon: ClipboardList }, homeFor: ['receptionist'] },
  { path: '/overview', load: () => import('./pages/Overview'), words: ['analytics'], can: ['stats.read'], nav: { label: 'overview', icon: LayoutDashboard, at: 'start' }, homeFor: ['hospital_admin', 'pharmacist', 'cashier', 'lab_technician'] },
  { path: '/schedule', load: () => import('./pages/Schedule'), words: ['scheduling', 'patients', 'planner'], can: ['appointment.read'], nav: { label: 'schedule', icon: CalendarDays } },
  { path: '/queue', load: () => import('./pages/Queue'), words: ['scheduling', 'patients'], can: ['queue.read'], nav: { label: 'queue', icon: ListOrdered }, homeFor: ['doctor'] },
  { path: '/waitlist', load: () => import('./pages/Waitlist'), words: ['scheduling'], can: ['appointment.confirm'], nav: { label: 'waitlist', icon: Hourglass } },
  { path: '/nurse', load: () => import('./pages/Nurse'), words: ['scheduling', 'patients'], can: ['visit.receive'], nav: { label: 'nurse', icon: HeartPulse }, homeFor: ['nurse'] },
  { path: '/patients', load: () => import('./pages/Patients'), words: ['patients'], can: ['patient.read'], nav: { label: 'patients', icon: Users } },
  { path: '/patients/import', load: () => import('./pages/ImportPatients'), words: ['importing'], can: ['patient.import'] },
  { path: '/patients/$id', load: () => import('./pages/PatientPage'), words: ['patients', 'scheduling'], can: ['patient.read'] },
  { path: '/register', load: () => import('./pages/Register'), words: ['register'], can: ['appointment.read'], nav: { label: 'register', icon: BookText } },
  { path: '/patients/$id/merge/$other', load: () => import('./pages/MergePage'), words: ['patients'], can: ['patient.merge'] },
  { path: '/duplicates', load: () => import('./pages/Duplicates'), words: ['patients'], can: ['patient.merge'], nav: { label: 'duplicates', icon: CopyCheck } },
  { path: '/audit', load: () => import('./pages/Audit'), words: ['audit'], can: ['audit.read'], nav: { label: 'audit', icon: ShieldCheck }, homeFor: ['privacy_officer'] },
  { path: '/notifications', load: () => import('./pages/Notifications'), words: ['notifications'], can: ['notification.own'] },
  { path: '/hospitals', load: () => import('./pages/Hospitals'), words: ['identity'], can: ['tenant.manage'], nav: { label: 'hospitals', icon: Building2 }, homeFor: ['super_admin'] },
  { path: '/setup', load: () => import('./pages/Setup'), words: ['organizations', 'people', 'identity', 'roles', 'proofs', 'scheduling'], can: ['organization.manage', 'schedule.manage', 'user.manage'], nav: { label: 'setup', icon: Settings, at: 'end' } },
  { path: '/setup/$area', load: () => import('./pages/Setup'), words: ['organizations', 'people', 'identity', 'roles', 'proofs', 'scheduling'], can: ['organization.manage', 'schedule.manage', 'user.manage'] },
  { path: '/account', load: () => import('./pages/Account'), words: ['identity', 'proofs', 'calendars'] },
]
