import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')
const files = (readdirSync(src, { recursive: true }) as string[]).map((file) => file.split(sep).join('/'))
const languages = ['en', 'hi']

type Words = Record<string, unknown>
const read = (file: string) => JSON.parse(readFileSync(join(src, file), 'utf8')) as Words

/** "sign.title" → "Sign in", whatever the nesting. */
function flat(words: Words, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') found.set(prefix + key, value)
    else for (const [inner, text] of flat(value as Words, `${prefix}${key}.`)) found.set(inner, text)
  }
  return found
}

const folders = files.filter((file) => file.endsWith('/i18n/en.json')).map((file) => file.replace('/i18n/en.json', ''))
const namespaceOf = (folder: string) => folder.split('/').at(-1) ?? ''
const words = new Map(folders.map((folder) => [namespaceOf(folder), flat(read(`${folder}/i18n/en.json`))]))
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort()

describe('every namespace', () => {
  it('has a name of its own', () => expect(words.size).toBe(folders.length))

  it.each(folders)('%s says the same things in each language', (folder) => {
    const [first, ...others] = languages.map((language) => flat(read(`${folder}/i18n/${language}.json`)))
    for (const other of others) {
      expect([...other.keys()].sort()).toEqual([...(first?.keys() ?? [])].sort())
      for (const [key, text] of first ?? []) expect(holes(other.get(key) ?? ''), key).toEqual(holes(text))
    }
  })

  it.each(folders)('%s leaves no word empty', (folder) => {
    for (const language of languages) for (const [key, text] of flat(read(`${folder}/i18n/${language}.json`))) expect(text.trim(), key).not.toBe('')
  })
})

const plurals = ['_one', '_other']
const isSaid = (namespace: string, key: string) => [key, ...plurals.map((end) => key + end)].some((one) => words.get(namespace)?.has(one))

/** Keys written out in the code: t('signIn.title'), t('lib:today'). Those put together at run time are not seen here. */
function keysIn(commented: string) {
  const source = commented.replace(/\/\*[\s\S]*?\*\//g, '')
  const [, listed] = /useTranslation\((\[[^\]]*\]|'[^']*')/.exec(source) ?? []
  const [own = ''] = [...(listed ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name)
  return [...source.matchAll(/\bt\('([^'$]+)'/g)].map(([, key = '']) => {
    const [namespace, rest] = key.includes(':') ? key.split(':') : [own, key]
    return { namespace: namespace ?? '', key: rest ?? '' }
  })
}

describe('code', () => {
  it('names only words that exist', () => {
    const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.(test\.tsx?|d\.ts)$/.test(file))
    const unsaid = sources.flatMap((file) =>
      keysIn(readFileSync(join(src, file), 'utf8'))
        .filter(({ namespace, key }) => namespace && !isSaid(namespace, key))
        .map(({ namespace, key }) => `${namespace}:${key} in ${file}`),
    )
    expect(unsaid).toEqual([])
  })
  it('is read by a pattern that finds keys, and not in comments', () => {
    expect(keysIn("/* t('old') */ const { t } = useTranslation('ui'); t('error.title'); t('lib:today')")).toEqual([
      { namespace: 'ui', key: 'error.title' },
      { namespace: 'lib', key: 'today' },
    ])
  })
})
