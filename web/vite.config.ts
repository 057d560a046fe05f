import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import type { Connect, Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { early } from './scripts/early.mjs'
import { patientFiles } from './scripts/patient-files.mjs'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.AROGYA_URL ?? 'http://127.0.0.1:8000'

/**
 * What always comes together, in one file each: on a slow line a request costs more than the bytes of a small file.
 * Only what every entry uses (vendor, lib), the phone and the staff (kit), or most of the phone's pages (phone).
 */
const together = [
  {
    name: 'vendor',
    test: /node_modules\/((react|react-dom|scheduler|i18next|react-i18next|openapi-fetch|openapi-react-query|clsx)\/|use-sync-external-store\/(?!.*with-selector)|@tanstack\/(react-query|query-core)\/(?!.*[qQ]ueries)|lucide-react\/dist\/esm\/(?!icons\/))|vite\/preload-helper|rolldown\/runtime/,
  },
  { name: 'lib', test: /src\/(ui\/Mark\.tsx|lib\/((api|realtime|session)\/\w+|clock|drafts|formats|keys|later|query|store|useFormats|useProblemText|words|zone)\.tsx?)/ },
  {
    name: 'kit',
    test: /@mantine\/core\/esm\/(core|components\/(UnstyledButton|Transition|Loader|Button|ActionIcon))\/|src\/(ui\/(Boundary|ConnectionBanner|EmptyState|ErrorState|Key|Notice|Toasts|theme|toast)\.tsx?|app\/pages\.tsx|features\/identity\/queries\.ts)/,
  },
  { name: 'fields', test: /@mantine\/(core\/esm\/components\/(Input|InputBase|TextInput)|hooks\/esm\/use-(id|uncontrolled))\// },
  { name: 'door', test: /src\/(features\/identity\/Gate\.|ui\/LanguageSwitch\.)/ },
  { name: 'phone', test: /src\/(ui\/(PhonePage|Status|Ring)\.tsx|features\/scheduling\/(phone\/(BookAgain|NextVisit|VisitList|visits)|queue\/queueOf|status|AppointmentStatus)\.tsx?)/ },
]

/** Each entry answers for its own paths, as the server does in production. */
function entryPaths(): Plugin {
  const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
    const path = request.url?.split('?')[0] ?? '/'
    if (/^\/my(\/|$)/.test(path)) request.url = '/patient.html'
    else if (/^\/display(\/|$)/.test(path)) request.url = '/display.html'
    next()
  }
  return {
    name: 'arogya-entry-paths',
    configureServer: ({ middlewares }) => void middlewares.use(rewrite),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(rewrite),
  }
}

export default defineConfig({
  plugins: [
    react(),
    entryPaths(),
    early(),
    VitePWA({
      scope: '/my',
      base: '/',
      injectRegister: null, // registered by the patient entry; an injected script would be inline
      registerType: 'autoUpdate',
      manifest: false, // public/manifest.webmanifest, linked by the patient entry only
      workbox: {
        globPatterns: ['**/*.{js,css,html,woff2,svg,webmanifest}'],
        manifestTransforms: [patientFiles],
        navigateFallback: '/patient.html',
        navigateFallbackAllowlist: [/^\/my(\/|$)/],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  resolve: { alias: { '~': here('./src'), '~tests': here('./tests') } },
  build: {
    outDir: here('../arogya/_web'),
    emptyOutDir: true,
    manifest: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { staff: here('./index.html'), patient: here('./patient.html'), display: here('./display.html') },
      output: { codeSplitting: { groups: together } },
    },
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  preview: { proxy: { '/api': { target: server, ws: true } } },
  test: {
    environment: 'jsdom',
    isolate: false, // a fresh one for each file took five sixths of the time; each test tidies up after itself
    setupFiles: ['./tests/setup.ts'],
    testTimeout: 30_000, // half of a small machine runs other tests meanwhile
    hookTimeout: 30_000,
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
})
