import '~/ui/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { onSessionLost } from '~/lib/api/transport'
import { queryClient } from '~/lib/query'
import { languages, startWords } from '~/lib/words'
import { DisplayShell } from './DisplayShell'
import { lose, pair } from './device'

onSessionLost(lose)
await Promise.all([startWords(['display', 'lib'], { language: 'en', preload: languages }), pair()])

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Suspense>
        <DisplayShell />
      </Suspense>
    </QueryClientProvider>
  </StrictMode>,
)
