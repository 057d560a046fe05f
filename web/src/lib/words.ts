import i18next, { type BackendModule, type ReadCallback } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { speakIn } from './api/transport'

/**
 * Words. A folder's `i18n/en.json` and `i18n/hi.json` are its namespace, named by the folder: src/ui → "ui",
 * src/features/scheduling → "scheduling", src/app/staff → "staff". Each is a file of its own, loaded where it is used.
 * A new language is a new file in each folder and a line in `languages`.
 */
export const languages = ['en', 'hi'] as const
export type Language = (typeof languages)[number]

const rememberedKey = 'ar.language'
const files = import.meta.glob<Record<string, unknown>>('/src/**/i18n/*.json', { import: 'default' })
const loaders = new Map(
  Object.entries(files).map(([path, load]) => {
    const [, namespace, language] = /([^/]+)\/i18n\/(\w+)\.json$/.exec(path) ?? []
    return [`${namespace}/${language}`, load] as const
  }),
)

const fromFiles: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read(language: string, namespace: string, done: ReadCallback) {
    const load = loaders.get(`${namespace}/${language}`)
    if (!load) return done(new Error(`no words for ${namespace} in ${language}`), null)
    load().then(
      (words) => done(null, words as never),
      (error: Error) => done(error, null),
    )
  },
}

export const isLanguage = (code: string | null): code is Language => languages.includes(code as Language)

function rememberedLanguage(): Language {
  const code = localStorage.getItem(rememberedKey) ?? navigator.language.slice(0, 2)
  return isLanguage(code) ? code : 'en'
}

/** Start with the namespaces that the first screen needs; the rest come with their pages. `preload`: the board speaks all at once. */
export async function startWords(namespaces: string[], { language = rememberedLanguage(), preload }: { language?: Language; preload?: readonly Language[] } = {}): Promise<void> {
  await i18next
    .use(fromFiles)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false, // a missing word must be seen in a test, not hidden by English
      preload,
      ns: namespaces,
      defaultNS: namespaces[0],
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: true },
      showSupportNotice: false,
      saveMissing: import.meta.env.DEV,
      missingKeyHandler: (_languages, namespace, key) => {
        throw new Error(`no word for ${namespace}:${key}`)
      },
    })
  document.documentElement.lang = language
}

speakIn(() => i18next.language ?? 'en')

export const currentLanguage = () => i18next.language as Language

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(rememberedKey, language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

let chosen = false
let tellChosen: (language: Language) => void = () => {}

/** Whether the person pressed a language on this page, rather than the page taking the remembered one. */
export const wasLanguageChosen = () => chosen
export const onLanguageChosen = (listener: (language: Language) => void) => void (tellChosen = listener)

/** A person presses a language: the page speaks it, and their account remembers it. */
export async function chooseLanguage(language: Language): Promise<void> {
  chosen = true
  await speak(language)
  tellChosen(language)
}

/** Fetch a page's words beside its code, not after it. */
export const loadWords = (namespaces: readonly string[]) => i18next.loadNamespaces([...namespaces])
