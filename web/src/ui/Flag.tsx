import { TriangleAlert } from 'lucide-react'

/** A word of warning after a name. `bare`: the sign alone, the word said aloud. */
export function Flag({ of, bare = false }: { of: { short: string; long: string } | null; bare?: boolean }) {
  if (!of) return null
  return (
    <span className="attention" style={{ whiteSpace: 'nowrap' }} title={of.long}>
      {' '}
      <TriangleAlert size={13} aria-hidden style={{ verticalAlign: '-2px' }} /> <span className={bare ? 'vh' : undefined}>{of.short}</span>
    </span>
  )
}
