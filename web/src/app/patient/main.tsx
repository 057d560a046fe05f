import './mantine.css'
import '~/ui/base.css'
import { patientTheme } from '~/ui/theme'
import { lazy } from 'react'
import { PhoneSignIn, preparePhoneSignIn } from '~/features/identity'
import { Entrance } from '../Entrance'
import { start } from '../start'
import { patientPages } from './pages'
import { PatientShell } from './PatientShell'
import { fetchLikelyPage, loadFirstPage, pathNow } from './router'

const here = pathNow()
// a slip's page that is loaded again has lost its token: there the sign-in stands
const load = here === '/register' ? () => import('./pages/Register') : patientPages.find(({ path, isForAnybody }) => isForAnybody && path === here && (here !== '/slip' || location.hash !== ''))?.load
const Newcomer = load && lazy(load)

void start(
  <Entrance newcomer={Newcomer && <Newcomer />} door={PhoneSignIn}>
    <PatientShell />
  </Entrance>,
  patientTheme,
  ['ui', 'lib', 'patient', 'identity'],
  loadFirstPage,
  fetchLikelyPage,
  preparePhoneSignIn,
)

if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js', { scope: '/my' })
