import { ApiProblem, problemFrom } from './problem'

/** The wire under the client: bearer token in memory only, one refresh at a time, a silence turned into a problem. */

const answerWithin_ms = 10_000
/** A file on its way takes as long as the line is slow: a whole list down, or a table of 50 MB up. */
const fileWithin_ms = 15 * 60_000
const refreshPath = '/api/auth/refresh'
const noRefresh = [
  '/api/auth/login', '/api/auth/logout', '/api/auth/register', '/api/auth/device', '/api/auth/forgot', '/api/auth/reset', '/api/auth/verify-email',
  '/api/counter/sign-in', '/api/auth/code/sign-in', refreshPath, '/api/setup',
]

let token: string | null = null
let refreshing: Promise<boolean> | null = null
let lost: () => void = () => {}
let language: () => string = () => 'en'

export const setAccessToken = (fresh: string | null) => void (token = fresh)
export const hasAccessToken = () => token !== null
/** Called when the server no longer knows this session. */
export const onSessionLost = (listener: () => void) => void (lost = listener)
export const speakIn = (read: () => string) => void (language = read)

const carriesFile = ({ url, headers }: Request) =>
  new URL(url).pathname.endsWith('/export') || !!headers.get('Content-Type')?.startsWith('multipart/')

async function answer(request: Request): Promise<Response> {
  const late = AbortSignal.timeout(carriesFile(request) ? fileWithin_ms : answerWithin_ms)
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, late]) })
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new ApiProblem({ code: late.aborted ? 'timeout' : 'offline' })
  }
}

function signed(request: Request): Request {
  const copy = new Request(request)
  copy.headers.set('Accept-Language', language())
  if (token) copy.headers.set('Authorization', `Bearer ${token}`)
  return copy
}

type Renewal = { path: string; body: Record<string, string> }
/** People renew by their refresh cookie; a display by the token of its link. */
let renewal: Renewal = { path: refreshPath, body: {} }
export const renewBy = (other: Renewal) => void (renewal = other)

declare global {
  interface Window {
    /** The first renewal, which public/scheme.js asked for while this code was on its way. */
    arogyaRenewal?: Promise<Response>
  }
}

/** Good for one answer; a silence is asked for again in the usual way. */
async function earlyRenewal(): Promise<Response | null> {
  const early = window.arogyaRenewal
  delete window.arogyaRenewal
  return (await early?.catch(() => null)) ?? null
}

async function askForToken(): Promise<boolean> {
  const response =
    (await earlyRenewal()) ??
    (await answer(
      signed(
        new Request(new URL(renewal.path, location.origin), {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(renewal.body),
          credentials: 'same-origin',
        }),
      ),
    ))
  if (response.status === 401) return false
  if (!response.ok) throw await problemFrom(response)
  setAccessToken(((await response.json()) as { access_token: string }).access_token)
  return true
}

/** A fresh access token; callers that come meanwhile share one request. False: signed out. */
export function refreshAccess(): Promise<boolean> {
  refreshing ??= askForToken().finally(() => (refreshing = null))
  return refreshing
}

export async function transport(request: Request): Promise<Response> {
  const used = token
  const again = request.clone()
  const response = await answer(signed(request))
  if (response.status !== 401 || noRefresh.includes(new URL(request.url).pathname)) return response
  const mended = token !== used || (await refreshAccess())
  if (mended) return answer(signed(again))
  setAccessToken(null)
  lost()
  return response
}
