/** Gzipped weight of what each entry needs before anyone can touch it, held to a bar. Fonts are listed apart: they are
 * compressed already and swap in after the first paint. `weight.mjs KB` holds all of them to that instead. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { filesOf, outDir, readManifest } from './manifest.mjs'

const barFor = (usual) => Number(process.argv[2] ?? usual)
const [phoneBar, deskBar] = [barFor(170), barFor(450)]
const manifest = readManifest()
const gzipped = (file) => gzipSync(readFileSync(join(outDir, file)), { level: 9 }).length
const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(7) + ' KB'
const words = (folders) => Object.keys(manifest).filter((key) => folders.some((folder) => key === `${folder}/i18n/en.json`))
const pagesOf = (app) => Object.keys(manifest).filter((key) => key.startsWith(`src/app/${app}/pages/`) && manifest[key].isDynamicEntry)

function measure(entry, extra) {
  const files = filesOf(manifest, [entry, ...extra])
  return { bytes: [entry, ...files].reduce((sum, file) => sum + gzipped(file), 0), files: files.size + 1 }
}

const patientWords = words(['src/ui', 'src/lib', 'src/app/patient', 'src/features/identity'])
const staffWords = words(['src/ui', 'src/lib', 'src/app/staff', 'src/features/identity'])
const signIn = 'src/features/identity/SignIn.tsx'
const phoneSignIn = 'src/features/identity/phone/PhoneSignIn.tsx'
const rows = [
  ['patient sign-in', measure('patient.html', [...patientWords, phoneSignIn]), phoneBar],
  ['patient sign-in by password', measure('patient.html', [...patientWords, phoneSignIn, signIn]), phoneBar],
  ...pagesOf('patient').map((page) => [`patient ${page.split('/').pop()}`, measure('patient.html', [...patientWords, page]), phoneBar]),
  ['display', measure('display.html', words(['src/lib', 'src/app/display'])), phoneBar],
  ['staff sign-in', measure('index.html', [...staffWords, signIn]), deskBar],
  ...pagesOf('staff').map((page) => [`staff ${page.split('/pages/').pop()}`, measure('index.html', [...staffWords, page]), deskBar]),
]

for (const [name, { bytes, files }, bar] of rows) console.log(`${kb(bytes)} of ${bar} in ${String(files).padStart(2)} files  ${name}`)
for (const font of readdirSync(join(outDir, 'assets')).filter((file) => file.endsWith('.woff2')))
  console.log(`${kb(readFileSync(join(outDir, 'assets', font)).length)}  font ${font}`)

const inline = ['index.html', 'patient.html', 'display.html'].filter((page) =>
  /<script(?![^>]*\bsrc=)/.test(readFileSync(join(outDir, page), 'utf8')),
)
if (inline.length) {
  console.error(`A script inside the page, which its policy refuses: ${inline.join(', ')}`)
  process.exit(1)
}

const over = rows.filter(([, { bytes }, bar]) => bytes > bar * 1024)
if (over.length) {
  console.error(`Over the bar: ${over.map(([name]) => name).join(', ')}`)
  process.exit(1)
}
