import type { paths } from '~/api/schema'
import type { ApiProblem} from '../api';
import { api, asProblem } from '../api'
import { onSessionLost, refreshAccess, setAccessToken } from '../api/transport'
import { clearDrafts } from '../drafts'
import { queryClient } from '../query'
import { createStore } from '../store'
import { lockMinutes, touched, wasLeftAlone } from './counter'
import { currentLanguage, isLanguage, onLanguageChosen, speak, wasLanguageChosen, type Language } from '../words'

export type Me = paths['/api/me']['get']['responses'][200]['content']['application/json']

type Newcomer = Omit<NonNullable<paths['/api/auth/register']['post']['requestBody']>['content']['application/json'], 'client'>

export type Session =
  | { status: 'starting' }
  | { status: 'unreachable'; problem: ApiProblem }
  | { status: 'signed-out'; because: 'nobody' | 'left' | 'locked' | 'expired'; username?: string }
  /** Someone else gave this password, for once: it is held until its owner chose another. */
  | { status: 'must-change-password'; username: string; password: string }
  /** The password was right; now the code from the phone. Both are held until it is. `fresh` replaces one given for once. */
  | { status: 'second-step'; username: string; password: string; fresh?: string }
  | { status: 'signed-in'; me: Me }

const store = createStore<Session>({ status: 'starting' })
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('arogya.session')
const usernameKey = 'ar.username'
const wasHereKey = 'ar.was-here'
const personKey = 'ar.person'

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
  come(data)
}

function come(me: Me) {
  sessionStorage.setItem(personKey, me.user.id)
  localStorage.setItem(wasHereKey, '1')
  store.set({ status: 'signed-in', me })
}

/** Who was last in this tab. */
export const lastPersonId = () => sessionStorage.getItem(personKey)

/**
 * Go in after saying who one is. Where someone else was in this tab before, the page begins anew at one's own home:
 * nothing that they had open, read or half done is in its memory or on the screen.
 */
async function goIn(): Promise<void> {
  const { data } = await api.GET('/api/me')
  if (!data) return
  const before = lastPersonId()
  touched()
  if (before === null || before === data.user.id) {
    come(data)
    return agreeOnLanguage(data)
  }
  sessionStorage.setItem(personKey, data.user.id)
  localStorage.setItem(wasHereKey, '1')
  await agreeOnLanguage(data)
  location.replace(location.pathname.startsWith('/my') ? '/my' : '/')
}

/** Come to a shared counter by PIN. */
export async function takeOver(user_id: string, pin: string): Promise<void> {
  const { data } = await api.POST('/api/counter/sign-in', { body: { user_id, pin } })
  if (!data) return
  setAccessToken(data.access_token)
  sessionStorage.removeItem(usernameKey)
  await goIn()
}

function nobody() {
  localStorage.removeItem(wasHereKey)
  store.set({ status: 'signed-out', because: 'nobody' })
}

/** On opening the page: the refresh cookie, if there is one, says who this is. */
export async function startSession(): Promise<void> {
  store.set({ status: 'starting' })
  try {
    if (!(await refreshAccess())) nobody()
    else if (wasLeftAlone()) await signOut('locked')
    else await readMe()
  } catch (error) {
    const problem = asProblem(error)
    if (problem.status === 401) nobody()
    else store.set({ status: 'unreachable', problem })
  }
}

/** `fresh`: the password that replaces one given for once. `code`: of the second step. */
export async function signIn(username: string, password: string, fresh?: string, code?: string): Promise<void> {
  try {
    const { data } = await api.POST('/api/auth/login', {
      body: { username, password, ...(fresh && { new_password: fresh }), ...(code && { code }) },
    })
    if (!data) return
    setAccessToken(data.access_token)
    if (data.must_change_password) return store.set({ status: 'must-change-password', username, password })
    sessionStorage.setItem(usernameKey, username)
    await goIn()
  } catch (error) {
    const { code: refused } = asProblem(error)
    if (refused === 'password_change_required') store.set({ status: 'must-change-password', username, password })
    else if (refused === 'second_factor_needed') store.set({ status: 'second-step', username, password, fresh })
    else throw error
  }
}

/** Who was let in with no password (a code, a slip): the token is the proof. */
export async function enter(access_token: string): Promise<void> {
  setAccessToken(access_token)
  queryClient.clear()
  sessionStorage.removeItem(usernameKey)
  await goIn()
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

/** The second step: the code from the phone, or one from paper. */
export async function passSecondStep(code: string): Promise<void> {
  const now = store.get()
  if (now.status === 'second-step') await signIn(now.username, now.password, now.fresh, code)
}

/** Back to the first step: someone else stands here, or the phone is not at hand. */
export const startAgain = () => store.set({ status: 'signed-out', because: 'nobody' })

export async function changePassword(current: string, fresh: string): Promise<void> {
  await api.POST('/api/auth/password', { body: { current, new: fresh } })
}

/** A language chosen on the sign-in page becomes the person's; else theirs becomes the page's. */
async function agreeOnLanguage({ user }: Me) {
  if (!wasLanguageChosen()) return isLanguage(user.language) ? speak(user.language) : undefined
  if (user.language !== currentLanguage()) keepLanguage(currentLanguage())
}

function chosen(language: Language) {
  const now = store.get()
  if (now.status === 'signed-in' && now.me.user.language !== language) keepLanguage(language)
}

function keepLanguage(language: Language) {
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
  // whoever goes home is not on the counter's list any more
  if (how === 'left' && now.status === 'signed-in' && lockMinutes()) await api.POST('/api/counter/leave').catch(() => undefined)
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
onLanguageChosen(chosen)
tabs?.addEventListener('message', ({ data }) => {
  if (data === 'switched') location.reload()
  else if (data === 'left' || data === 'locked') forget(data)
})
