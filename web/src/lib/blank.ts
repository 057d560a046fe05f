/** What was typed, or null where nothing was: the server knows "" and "not told" apart. */
export const orNull = (typed: string): string | null => typed.trim() || null

/** An If-Match for the version that the form was opened with. */
export const ifMatch = (version: number | undefined) => (version === undefined ? {} : { 'If-Match': `"${version}"` })
