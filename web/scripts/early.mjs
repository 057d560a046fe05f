/**
 * Files that a page fetches beside its code rather than after it. An entry names the folders of its first words in
 * `<meta name="early" content="src/ui src/lib …">`, and its sign-in in `data-door` where that is another; the build puts the files' addresses there, for public/scheme.js.
 */
const meta = /(<meta name="early" content=")([^"]*)("(?: data-door="([^"]*)")?)/
const languages = ['en', 'hi']
const usualDoor = 'src/features/identity/SignIn.tsx'

export function early() {
  return {
    name: 'arogya-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, chunk: entry }) {
        const chunks = Object.values(bundle ?? {}).filter(({ type }) => type === 'chunk')
        const chunkOf = (source) => {
          const found = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/${source}`))
          if (!found) throw new Error(`No file was built of ${source}`)
          return found
        }
        const already = new Set(filesOf(bundle, entry))
        const addresses = (sources) => [...new Set(sources.flatMap((source) => filesOf(bundle, chunkOf(source))))].filter((file) => !already.has(file)).map((file) => `/${file}`)
        return html.replace(meta, (_all, before, folders, after, door = usualDoor) => {
          const words = languages.map((language) => [language, addresses(folders.split(' ').map((folder) => `${folder}/i18n/${language}.json`))])
          const files = { ...Object.fromEntries(words), newcomer: addresses([door]) }
          return before + JSON.stringify(files).replaceAll('"', '&quot;') + after
        })
      },
    },
  }
}

/** A chunk's own file, its styles, and those of all that it imports at once. */
function filesOf(bundle, chunk, seen = new Set()) {
  if (!chunk || seen.has(chunk)) return []
  seen.add(chunk)
  return [chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? []), ...chunk.imports.flatMap((name) => filesOf(bundle, bundle[name], seen))]
}
