import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { render, type RenderResult } from '@testing-library/react'
import { Suspense, type ReactNode } from 'react'
import { queryClient } from '~/lib/query'
import { startWords, type Language } from '~/lib/words'
import { staffTheme } from '~/ui/theme'

/** Render inside what every screen stands in, in English, with these namespaces loaded; `preload`: in these languages too. */
export async function show(what: ReactNode, namespaces: string[] = ['ui', 'lib'], preload?: readonly Language[]): Promise<RenderResult> {
  await startWords(namespaces, { language: 'en', preload })
  return render(
    <MantineProvider theme={staffTheme} env="test">
      <QueryClientProvider client={queryClient}>
        <Suspense>{what}</Suspense>
      </QueryClientProvider>
    </MantineProvider>,
  )
}
