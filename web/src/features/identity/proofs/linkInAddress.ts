const pages = ['reset', 'verify-email', 'invitation'] as const

export type LinkInAddress = { page: (typeof pages)[number]; token: string }

/** What a letter's link leads to. Its token is taken out of the address, so that no history or screen keeps it. */
export function linkInAddress(): LinkInAddress | null {
  const path = location.pathname.replaceAll('/', '')
  const page = pages.find((one) => one === path)
  if (!page) return null
  const token = location.hash.slice(1)
  history.replaceState(null, '', `/${page}`)
  return { page, token }
}
