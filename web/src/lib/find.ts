/** One search over everything: each feature offers its source, the staff shell asks them all. */
export type Found = {
  id: string
  title: string
  detail?: string
  /** When it is, where it has a time: shown in the branch's zone before the detail. */
  at?: string
  /** Where Enter goes. Ids only: an address is logged. */
  to: string
}
export type FindSource = {
  id: string
  /** Key of its heading, with its namespace: "patients:find". */
  label: string
  can: string
  search: (text: string, signal: AbortSignal) => Promise<readonly Found[]>
}
