import { filesOf, readManifest } from './manifest.mjs'

const always = /^(patient\.html|icon\.svg|manifest\.webmanifest|scheme\.js)$|inter-latin-wght-normal/

/** Keep only what the patient's phone needs to start: staff screens have no business in its cache. */
export function patientFiles(entries) {
  const manifest = readManifest()
  const later = Object.keys(manifest).filter((key) => key.startsWith('src/app/patient/pages/') && manifest[key].isDynamicEntry)
  const words = Object.keys(manifest).filter((key) => /src\/(ui|lib|app\/patient|features\/identity|features\/scheduling)\/i18n\//.test(key))
  const wanted = filesOf(manifest, ['patient.html', ...later, ...words])
  return { manifest: entries.filter(({ url }) => always.test(url) || wanted.has(url)) }
}
