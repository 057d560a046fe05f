import './mantine.css'
import '~/ui/base.css'
import { patientTheme } from '~/ui/theme'
import { lazy } from 'react'
import { Entrance } from '../Entrance'
import { start } from '../start'
import { PatientShell } from './PatientShell'
import { fetchLikelyPage, loadFirstPage } from './router'

const Register = lazy(() => import('./pages/Register'))
const isNew = location.pathname.replace(/\/$/, '') === '/my/register'

void start(
  <Entrance newcomer={isNew && <Register />}>
    <PatientShell />
  </Entrance>,
  patientTheme,
  ['ui', 'lib', 'patient', 'identity'],
  loadFirstPage,
  fetchLikelyPage,
)

if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js', { scope: '/my' })
