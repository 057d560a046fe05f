export {
  can, changePassword, enter, readMe, register, replacePassword, session, signIn, signOut, startSession, switchOrganization, useMe, useSession, wasSignedIn,
  type Me, type Session,
} from './session'
