import { MantineProvider, type MantineThemeOverride } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { prepareSignIn } from '~/features/identity'
import { queryClient } from '~/lib/query'
import { session, startSession, wasSignedIn } from '~/lib/session'
import { nonceForAll, styleNonce } from '~/lib/styleNonce'
import { startWords } from '~/lib/words'
import { cssVariables } from '~/ui/theme'

/**
 * Words and session are asked for together; whoever is signed in then sees shell and page at once, not one by one.
 * `likely` fetches the code that this person will probably need, while the server still says who they are.
 */
export async function start(app: ReactNode, theme: MantineThemeOverride, namespaces: string[], firstPage: () => Promise<unknown>, likely?: () => Promise<unknown>, prepareDoor: () => Promise<unknown> = prepareSignIn) {
  void (wasSignedIn() ? likely : prepareDoor)?.().catch(() => undefined) // asked again where it is needed
  await Promise.all([startWords(namespaces), startSession()])
  const { status } = session()
  if (status === 'signed-in') await firstPage().catch(() => undefined) // the shell shows what went wrong
  if (status === 'signed-out') await prepareDoor().catch(() => undefined)
  nonceForAll()
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" deduplicateCssVariables={false} getStyleNonce={styleNonce}>
        <QueryClientProvider client={queryClient}>
          <Suspense>{app}</Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
