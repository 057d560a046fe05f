import { api } from '~/lib/api'

/** What a counter's printer takes: a roll, or sheets. */
export const sizes = ['80mm', 'a5'] as const
export type Size = (typeof sizes)[number]

const rememberedKey = 'ar.paper'

/** The size that this computer printed last. */
export const sizeHere = (): Size => sizes.find((size) => size === localStorage.getItem(rememberedKey)) ?? '80mm'
export const keepSize = (size: Size) => localStorage.setItem(rememberedKey, size)

const pdf = async (asked: Promise<{ data?: unknown }>) => (await asked).data as Blob

export const slipOf = (appointment_id: string) => (paper: Size) =>
  pdf(api.GET('/api/appointments/{appointment_id}/slip', { params: { path: { appointment_id }, query: { paper } }, parseAs: 'blob' }))

export const receiptOf = (receipt_id: string) => (paper: Size) =>
  pdf(api.GET('/api/receipts/{receipt_id}/pdf', { params: { path: { receipt_id }, query: { paper } }, parseAs: 'blob' }))

export const daySheetOf = (practitioner_id: string, facility_id: string) => () =>
  pdf(api.GET('/api/practitioners/{practitioner_id}/day-sheet', { params: { path: { practitioner_id }, query: { facility_id } }, parseAs: 'blob' }))

/** A paper to show: its title and how it is fetched. hasSizes: it comes on a roll or on a sheet. */
export type Paper = { title: string; load: (size: Size) => Promise<Blob>; hasSizes?: boolean; printAtOnce?: boolean }
