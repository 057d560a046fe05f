/**
 * Beside each text of the built client the same compressed, once and as small as it gets: the server only chooses.
 * The pages are not: each answer has a nonce of its own.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { outDir } from './manifest.mjs'

const isText = /\.(js|css|svg|json|webmanifest)$/
const smallest = { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } }

for (const file of readdirSync(outDir, { recursive: true }).filter((name) => isText.test(name))) {
  const text = readFileSync(join(outDir, file))
  for (const [ending, compressed] of [['br', brotliCompressSync(text, smallest)], ['gz', gzipSync(text, { level: 9 })]])
    if (compressed.length < text.length) writeFileSync(join(outDir, `${file}.${ending}`), compressed)
}
