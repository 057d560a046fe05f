import './mantine.css'
import '~/ui/base.css'
import { patientTheme } from '~/ui/theme'
import { lazy } from 'react'
import { PhoneSignIn, preparePhoneSignIn } from '~/features/identity'
import { Entrance } from '../Entrance'
import { start } from '../start'
import { PatientShell } from './PatientShell'
import { fetchLikelyPage, loadFirstPage } from './router'

const Register = lazy(() => import('./pages/Register'))
const Slip = lazy(() => import('./pages/Slip'))
const here = location.pathname.replace(/\/$/, '')
const newcomer = { '/my/register': <Register />, '/my/slip': <Slip /> }[here]

void start(
  <Entrance newcomer={newcomer} door={PhoneSignIn}>
    <PatientShell />
  </Entrance>,
  patientTheme,
  ['ui', 'lib', 'patient', 'identity'],
  loadFirstPage,
  fetchLikelyPage,
  preparePhoneSignIn,
)

if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js', { scope: '/my' })
