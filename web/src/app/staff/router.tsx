import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, type RouteComponent } from '@tanstack/react-router'
import { loadWords } from '~/lib/words'
import { homeOf, isOpenTo, NoSuchPage, NotYours, type PageEntry } from '../pages'
import { staffPages } from './pages'
import { Shell } from './Shell'

const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })
const home = createRoute({ getParentRoute: () => root, path: '/', component: () => <Navigate to={homeOf(staffPages)} replace /> })

const routeOf = (page: PageEntry) =>
  createRoute({
    getParentRoute: () => root,
    path: page.path,
    loader: () => loadWords(page.words ?? []),
    component: guarded(page, lazyRouteComponent(page.load)),
  })

/** Asked when the page is shown, not when the table is read: rights come with the sign-in. */
function guarded(page: PageEntry, Component: RouteComponent & { preload?: () => Promise<void> }): RouteComponent {
  const Guarded = () => (isOpenTo(page) ? <Component /> : <NotYours />)
  Guarded.preload = Component.preload
  return Guarded
}

export const router = createRouter({ routeTree: root.addChildren([home, ...staffPages.map(routeOf)]), defaultPreload: 'intent' })
