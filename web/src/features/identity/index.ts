import { lazy } from 'react'
import { later } from '~/lib/later'
import { askWhetherSetupNeeded } from './queries'

export { Gate } from './Gate'
export { Organizations } from './Organizations'
export { useSetupNeeded } from './queries'
export { Sessions } from './Sessions'

// Apart from the rest: most visits never need them.
export const PasswordForm = lazy(() => import('./PasswordForm').then(({ PasswordForm }) => ({ default: PasswordForm })))
export const SelfRegistration = lazy(() => import('./SelfRegistration').then(({ SelfRegistration }) => ({ default: SelfRegistration })))
export const SignIn = later(() => import('./SignIn').then(({ SignIn }) => SignIn))
export const PhoneSignIn = later(() => import('./phone/PhoneSignIn').then(({ PhoneSignIn }) => PhoneSignIn))
export const SlipSignIn = lazy(() => import('./phone/SlipSignIn').then(({ SlipSignIn }) => ({ default: SlipSignIn })))
/** Fetch what a patient who is not signed in will see. */
export const preparePhoneSignIn = () => Promise.all([PhoneSignIn.prepare(), askWhetherSetupNeeded()])
/** Fetch what someone who is not signed in will see. */
export const prepareSignIn = () => Promise.all([SignIn.prepare(), askWhetherSetupNeeded()])
export const FirstPassword = lazy(() => import('./FirstPassword').then(({ FirstPassword }) => ({ default: FirstPassword })))
export const FirstSetup = lazy(() => import('./FirstSetup').then(({ FirstSetup }) => ({ default: FirstSetup })))

export const Users = lazy(() => import('./people/Users').then(({ Users }) => ({ default: Users })))
export const Displays = lazy(() => import('./people/Displays').then(({ Displays }) => ({ default: Displays })))
export const Hospitals = lazy(() => import('./hospitals/Hospitals').then(({ Hospitals }) => ({ default: Hospitals })))
