import type { ManifestTransform } from 'workbox-build'

export const patientFiles: ManifestTransform
