import { lazy } from 'react'
import { later } from '~/lib/later'
import { withProofs } from './proofs/words'
import { askWhetherSetupNeeded } from './queries'

export { Gate } from './Gate'
export { linkInAddress, type LinkInAddress } from './proofs/linkInAddress'
export { Organizations } from './Organizations'
export { useSetupNeeded } from './queries'
export { useRoleWord } from './roleWord'
export { useIdleLock } from './counter/useIdleLock'

// Apart from the rest: most visits never need them.
export const Sessions = lazy(() => import('./Sessions').then(({ Sessions }) => ({ default: Sessions })))
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
export const SecondStep = lazy(() => withProofs(import('./proofs/SecondStep')).then(({ SecondStep }) => ({ default: SecondStep })))
export const SecondFactorFirst = lazy(() => withProofs(import('./proofs/SecondFactorFirst')).then(({ SecondFactorFirst }) => ({ default: SecondFactorFirst })))
export const StepUpDialog = lazy(() => withProofs(import('./proofs/StepUpDialog')).then(({ StepUpDialog }) => ({ default: StepUpDialog })))
export const LinkPage = lazy(() => withProofs(import('./proofs/LinkPage')).then(({ LinkPage }) => ({ default: LinkPage })))
export const MyEmail = lazy(() => withProofs(import('./proofs/MyEmail')).then(({ MyEmail }) => ({ default: MyEmail })))
export const MySecondFactor = lazy(() => withProofs(import('./proofs/MySecondFactor')).then(({ MySecondFactor }) => ({ default: MySecondFactor })))
export const SignInRules = lazy(() => withProofs(import('./proofs/SignInRules')).then(({ SignInRules }) => ({ default: SignInRules })))

export const Users = lazy(() => import('./people/Users').then(({ Users }) => ({ default: Users })))
export const CounterLock = later(() => import('./counter/CounterLock').then(({ CounterLock }) => CounterLock))
export const PinForm = lazy(() => import('./counter/PinForm').then(({ PinForm }) => ({ default: PinForm })))
export const ShareComputer = lazy(() => import('./counter/ShareComputer').then(({ ShareComputer }) => ({ default: ShareComputer })))
export const Counters = lazy(() => import('./counter/Counters').then(({ Counters }) => ({ default: Counters })))
export const Roles = lazy(() => import('./roles/Roles').then(({ Roles }) => ({ default: Roles })))
export const Displays = lazy(() => import('./people/Displays').then(({ Displays }) => ({ default: Displays })))
export const Hospitals = lazy(() => import('./hospitals/Hospitals').then(({ Hospitals }) => ({ default: Hospitals })))
