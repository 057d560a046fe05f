export {
  can, changePassword, readMe, replacePassword, session, signIn, signOut, startSession, switchOrganization, useMe, useSession,
  type Me, type Session,
} from './session'
