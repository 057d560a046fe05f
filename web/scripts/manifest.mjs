import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const outDir = join(import.meta.dirname, '..', '..', 'arogya', '_web')

export const readManifest = () => JSON.parse(readFileSync(join(outDir, '.vite', 'manifest.json'), 'utf8'))

/** Files that the browser must fetch for these manifest entries: what they import at once, not what they may load later. */
export function filesOf(manifest, entries) {
  const seen = new Set()
  const files = new Set()
  const visit = (key) => {
    const chunk = manifest[key]
    if (!chunk || seen.has(key)) return
    seen.add(key)
    files.add(chunk.file)
    for (const css of chunk.css ?? []) files.add(css)
    for (const next of chunk.imports ?? []) visit(next)
  }
  entries.forEach(visit)
  return files
}
