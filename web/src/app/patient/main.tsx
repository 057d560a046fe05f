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
const load = here === '/register' ? () => import('./pages/Register') : patientPages.find(({ path, isForAnybody }) => isForAnybody && path === here)?.load
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
