import type { paths } from '~/api/schema'
import type { ApiProblem} from '../api';
import { api, asProblem } from '../api'
import { onSessionLost, refreshAccess, setAccessToken } from '../api/transport'
import { clearDrafts } from '../drafts'
import { queryClient } from '../query'
import { createStore } from '../store'
import { currentLanguage, isLanguage, onLanguageChosen, speak, wasLanguageChosen, type Language } from '../words'

export type Me = paths['/api/me']['get']['responses'][200]['content']['application/json']

type Newcomer = Omit<NonNullable<paths['/api/auth/register']['post']['requestBody']>['content']['application/json'], 'client'>

export type Session =
  | { status: 'starting' }
  | { status: 'unreachable'; problem: ApiProblem }
  | { status: 'signed-out'; because: 'nobody' | 'left' | 'locked' | 'expired'; username?: string }
  /** Someone else gave this password, for once: it is held until its owner chose another. */
  | { status: 'must-change-password'; username: string; password: string }
  | { status: 'signed-in'; me: Me }

const store = createStore<Session>({ status: 'starting' })
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('arogya.session')
const usernameKey = 'ar.username'
const wasHereKey = 'ar.was-here'

export const session = store.get
export const useSession = store.use

/** Whether the server gave this permission. It hides buttons and protects nothing. */
export function can(permission: string): boolean {
  const now = store.get()
  return now.status === 'signed-in' && now.me.permissions.includes(permission)
}

/** The signed-in person; only for what is shown inside a shell. */
export function useMe(): Me {
  const now = store.use()
  if (now.status !== 'signed-in') throw new Error('nobody is signed in')
  return now.me
}

/** Whether this browser's last visit ended signed in: a guess, from which only the order of loading follows. */
export const wasSignedIn = () => localStorage.getItem(wasHereKey) !== null

/** Read again who is signed in and what they may do. */
export async function readMe(): Promise<void> {
  const { data } = await api.GET('/api/me')
  if (!data) return
  store.set({ status: 'signed-in', me: data })
  localStorage.setItem(wasHereKey, '1')
}

function nobody() {
  localStorage.removeItem(wasHereKey)
  store.set({ status: 'signed-out', because: 'nobody' })
}

/** On opening the page: the refresh cookie, if there is one, says who this is. */
export async function startSession(): Promise<void> {
  store.set({ status: 'starting' })
  try {
    if (await refreshAccess()) await readMe()
    else nobody()
  } catch (error) {
    const problem = asProblem(error)
    if (problem.status === 401) nobody()
    else store.set({ status: 'unreachable', problem })
  }
}

/** `fresh`: the password that replaces one given for once. */
export async function signIn(username: string, password: string, fresh?: string): Promise<void> {
  try {
    const { data } = await api.POST('/api/auth/login', { body: { username, password, ...(fresh && { new_password: fresh }) } })
    if (!data) return
    setAccessToken(data.access_token)
    if (data.must_change_password) return store.set({ status: 'must-change-password', username, password })
    sessionStorage.setItem(usernameKey, username)
    await readMe()
    await agreeOnLanguage()
  } catch (error) {
    if (asProblem(error).code !== 'password_change_required') throw error
    store.set({ status: 'must-change-password', username, password })
  }
}

/** Who was let in with no password (a code, a slip): the token is the proof. */
export async function enter(access_token: string): Promise<void> {
  setAccessToken(access_token)
  queryClient.clear()
  await readMe()
  await agreeOnLanguage()
}

/** A patient makes a record and a way to sign in, and is in. */
export async function register(person: Newcomer): Promise<void> {
  const { data } = await api.POST('/api/auth/register', { body: { ...person, client: 'browser' } })
  if (!data) return
  setAccessToken(data.access_token)
  sessionStorage.setItem(usernameKey, person.username)
  await readMe()
}

/** Choose one's own password in place of the one given for once, and go in. */
export async function replacePassword(fresh: string): Promise<void> {
  const now = store.get()
  if (now.status === 'must-change-password') await signIn(now.username, now.password, fresh)
}

export async function changePassword(current: string, fresh: string): Promise<void> {
  await api.POST('/api/auth/password', { body: { current, new: fresh } })
}

/** A language chosen on the sign-in page becomes the person's; else theirs becomes the page's. */
async function agreeOnLanguage() {
  const now = store.get()
  if (now.status !== 'signed-in') return
  const theirs = now.me.user.language
  if (wasLanguageChosen()) return keepLanguage(currentLanguage())
  if (isLanguage(theirs)) await speak(theirs)
}

function keepLanguage(language: Language) {
  const now = store.get()
  if (now.status !== 'signed-in' || now.me.user.language === language) return
  // the page already speaks it; the server only remembers it for the next device
  void api.PATCH('/api/me', { body: { language } }).catch(() => undefined)
}

function forget(because: 'left' | 'locked' | 'expired', username?: string) {
  setAccessToken(null)
  queryClient.clear()
  localStorage.removeItem(wasHereKey)
  store.set({ status: 'signed-out', because, username })
}

/** Leave. Locking keeps this person's drafts and name for their return; leaving clears both. */
export async function signOut(how: 'left' | 'locked' = 'left'): Promise<void> {
  const now = store.get()
  await api.POST('/api/auth/logout').catch(() => undefined) // with no connection the tab still forgets
  const username = sessionStorage.getItem(usernameKey) ?? undefined
  if (how === 'left') {
    sessionStorage.removeItem(usernameKey)
    if (now.status === 'signed-in') clearDrafts(now.me.user.id)
  }
  forget(how, how === 'locked' ? username : undefined)
  tabs?.postMessage(how)
}

/** Work in another of one's hospitals: other permissions, other data, so nothing read before is kept. */
export async function switchOrganization(organization_id: string): Promise<void> {
  const { data } = await api.POST('/api/auth/switch', { body: { organization_id } })
  if (!data) return
  setAccessToken(data.access_token)
  queryClient.clear()
  await readMe()
  tabs?.postMessage('switched')
}

onSessionLost(() => forget('expired'))
onLanguageChosen(keepLanguage)
tabs?.addEventListener('message', ({ data }) => {
  if (data === 'switched') location.reload()
  else if (data === 'left' || data === 'locked') forget(data)
})
