export {
  can, changePassword, enter, lastPersonId, passSecondStep, readMe, register, replacePassword, session, signIn, signOut, startAgain, startSession, switchOrganization, takeOver, useMe, useSession, wasSignedIn,
  type Me, type Session,
} from './session'
export { lockMinutes, readCounter, touched, useCounter, wasLeftAlone, type Counter } from './counter'
