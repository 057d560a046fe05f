import { createContext, lazy, startTransition, use, useEffect, useState, type ComponentProps, type ComponentType, type MouseEvent } from 'react'
import { session } from '~/lib/session'
import { loadWords } from '~/lib/words'
import { homeOf, isOpenTo, NoSuchPage, NotYours, type PageEntry } from '../pages'
import { patientPages } from './pages'

/*
 * The phone's few pages need a path, a parameter and a back button: TanStack Router would be 28 of the 170 KB that a
 * first visit may weigh. Paths here are without their "/my".
 */

const base = '/my'
const moved = 'arogya:moved'

type Here = { path: string; params: Readonly<Record<string, string>> }
const HereContext = createContext<Here>({ path: '/', params: {} })

export const pathNow = () => location.pathname.slice(base.length).replace(/\/$/, '') || '/'

export function navigate(to: string, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState']({ from: pathNow() }, '', base + (to === '/' ? '' : to))
  dispatchEvent(new Event(moved))
}

/** Back where the person came from; to `otherwise` where this page was opened by a link from outside. */
export function goBack(otherwise: string) {
  if (history.state?.from) history.back()
  else navigate(otherwise, { replace: true })
}

export const usePath = () => use(HereContext).path
export const useParams = () => use(HereContext).params

export function Link({ to, onClick, ...rest }: Omit<ComponentProps<'a'>, 'href'> & { to: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return <a {...rest} href={base + to} onClick={follow} />
}

/** The values of `/visits/$id` in `/visits/7`, or null where the path is another. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? ''
    if (part.startsWith('$') && value) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return null
  }
  return params
}

/** A page of the table with its code: `ready` once that is here, so that it is then drawn without a blank moment. */
type Route = { page: PageEntry; load: () => Promise<{ default: ComponentType }>; Later: ComponentType; ready?: ComponentType }

function routeOf(page: PageEntry): Route {
  const route: Route = {
    page,
    async load() {
      const [code] = await Promise.all([page.load(), loadWords(page.words ?? [])])
      route.ready = code.default
      return code
    },
    Later: lazy(() => route.load()),
  }
  return route
}

const routes = patientPages.map(routeOf)

function routeAt(path: string) {
  for (const route of routes) {
    const params = match(route.page.path, path)
    if (params) return { route, params }
  }
  return null
}

/** Who has no record yet begins by claiming one. */
function firstPage(): string {
  const now = session()
  return now.status === 'signed-in' && !now.me.organization ? '/family' : homeOf(patientPages)
}

/** Before the first paint: the page that will be shown. */
export async function loadFirstPage(): Promise<void> {
  const path = pathNow()
  await routeAt(path === '/' ? firstPage() : path)?.route.load()
}

/** Its code alone, while it is not known yet who came. */
export async function fetchLikelyPage(): Promise<void> {
  const path = pathNow()
  await routeAt(path === '/' ? '/home' : path)?.route.page.load()
}

function usePathState(): string {
  const [path, setPath] = useState(pathNow)
  useEffect(() => {
    const follow = () => startTransition(() => setPath(pathNow())) // the page before stays until the next is there
    addEventListener('popstate', follow)
    addEventListener(moved, follow)
    return () => {
      removeEventListener('popstate', follow)
      removeEventListener(moved, follow)
    }
  }, [])
  return path
}

/** Where we are, for the shell round the pages; the bare address, and that of newcomers, lead on to the first page. */
export function useHere(): string {
  const path = usePathState()
  const home = path === '/' || path === '/register' ? firstPage() : null
  useEffect(() => {
    if (home && home !== '/') navigate(home, { replace: true })
  }, [home])
  return home ?? path
}

export function CurrentPage({ path }: { path: string }) {
  const found = routeAt(path)
  if (!found) return <NoSuchPage />
  if (!isOpenTo(found.route.page)) return <NotYours />
  return (
    <HereContext value={{ path, params: found.params }}>
      <Mounted key={found.route.page.path} route={found.route} path={path} />
    </HereContext>
  )
}

/** Chosen once: to change from `Later` to `ready` under way would empty the page's fields. */
function Mounted({ route, path }: { route: Route; path: string }) {
  const [Page] = useState<ComponentType>(() => route.ready ?? route.Later)
  useEffect(() => {
    // what was pressed went with its page: who listens or tabs goes on at the new one's title
    if (history.state?.from && document.activeElement === document.body) document.querySelector<HTMLElement>('h1')?.focus()
  }, [path])
  return <Page />
}
