/** How old someone is, as the form sends it: an age that was told, or a date. */
export type Birth = { age_years: number } | { age_months: number } | { birth_date: string }

const devanagari = '०१२३४५६७८९'
const latin = (text: string) => text.replace(/[०-९]/g, (digit) => String(devanagari.indexOf(digit)))

/** "34" is years, "9 m" months, "12/4/1990" or "1990-04-12" a date (day first). Null: none of these. */
export function birthOf(typed: string): Birth | null {
  const text = latin(typed.trim().toLowerCase())
  const age = /^(\d{1,3})\s*(y|yrs?|years?|वर्ष|साल|m|mths?|months?|माह|महीने)?\.?$/.exec(text)
  if (age) {
    const count = Number(age[1])
    if (/^(m|माह|महीने)/.test(age[2] ?? '')) return count < 60 ? { age_months: count } : null
    return count <= 130 ? { age_years: count } : null
  }
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text)
  if (iso) return dateOf(iso[1], iso[2], iso[3])
  const dayFirst = /^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})$/.exec(text)
  return dayFirst ? dateOf(dayFirst[3], dayFirst[2], dayFirst[1]) : null
}

/** Null for a day that no calendar has. */
function dateOf(year = '', month = '', day = ''): Birth | null {
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const instant = Date.parse(`${iso}T00:00:00Z`)
  const exists = !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(iso)
  return exists ? { birth_date: iso } : null
}

/** What is wrong with a phone as typed: how many digits a mobile lacks, or 0. Landlines and foreign numbers pass. */
export function missingDigits(typed: string): number {
  const digits = typed.replace(/\D/g, '')
  return /^[6-9]/.test(digits) && !typed.includes('+') && digits.length < 10 ? digits.length : 0
}

/** What was typed in the search box goes into the field that it fits: a phone, or a name. */
export function seedOf(search: string): { name: string; phone: string } {
  const text = search.trim()
  if (/^[+\d][\d\s()-]{5,}$/.test(text)) return { name: '', phone: text }
  return { name: /\d/.test(text) ? '' : text, phone: '' }
}
