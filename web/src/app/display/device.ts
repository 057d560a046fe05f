import { asProblem } from '~/lib/api'
import { refreshAccess, renewBy } from '~/lib/api/transport'
import { createStore } from '~/lib/store'

const rememberedKey = 'ar.display'

export type Pairing = 'unpaired' | 'unreachable' | 'paired'
const pairing = createStore<Pairing>('unpaired')
export const usePairing = pairing.use

/** The link's token, from /display#…: kept in this browser, and taken out of the address, so that it is not on the wall. */
function linkToken(): string | null {
  const fresh = location.hash.slice(1)
  if (fresh) {
    localStorage.setItem(rememberedKey, fresh)
    history.replaceState(null, '', '/display')
  }
  return localStorage.getItem(rememberedKey)
}

/** Sign this screen in by its link. A revoked link is forgotten; a server that is away is asked again. */
export async function pair(): Promise<void> {
  const token = linkToken()
  if (!token) return pairing.set('unpaired')
  renewBy({ path: '/api/auth/device', body: { token } })
  try {
    const isGood = await refreshAccess()
    if (!isGood) lose()
    else pairing.set('paired')
  } catch (error) {
    pairing.set('unreachable')
    setTimeout(() => void pair(), Math.max(5_000, (asProblem(error).retryAfter_s ?? 0) * 1_000))
  }
}

/** The link was revoked while the board was up. */
export function lose() {
  localStorage.removeItem(rememberedKey)
  pairing.set('unpaired')
}
