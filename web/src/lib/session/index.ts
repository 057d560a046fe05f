export {
  can, changePassword, passSecondStep, readMe, register, replacePassword, session, signIn, signOut, startAgain, startSession, switchOrganization, useMe, useSession, wasSignedIn,
  type Me, type Session,
} from './session'
