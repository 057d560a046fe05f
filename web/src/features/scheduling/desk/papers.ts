import { api } from '~/lib/api'

/** The papers that a counter prints; 80 mm is its printer's roll. */
const pdf = async (asked: Promise<{ data?: unknown }>) => (await asked).data as Blob

export const slipOf = (appointment_id: string) => () =>
  pdf(api.GET('/api/appointments/{appointment_id}/slip', { params: { path: { appointment_id }, query: { paper: '80mm' } }, parseAs: 'blob' }))

export const receiptOf = (receipt_id: string) => () =>
  pdf(api.GET('/api/receipts/{receipt_id}/pdf', { params: { path: { receipt_id }, query: { paper: '80mm' } }, parseAs: 'blob' }))

export const daySheetOf = (practitioner_id: string, facility_id: string) => () =>
  pdf(api.GET('/api/practitioners/{practitioner_id}/day-sheet', { params: { path: { practitioner_id }, query: { facility_id } }, parseAs: 'blob' }))

/** A paper to show: its title and how it is fetched. */
export type Paper = { title: string; load: () => Promise<Blob>; printAtOnce?: boolean }
