export {
  can, changePassword, readMe, register, replacePassword, session, signIn, signOut, startSession, switchOrganization, useMe, useSession, wasSignedIn,
  type Me, type Session,
} from './session'
