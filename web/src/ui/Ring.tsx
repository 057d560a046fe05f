/** How far something has come, readable without colour: the pie fills from 12 o'clock. */
export type RingShape = {
  ring: 'dashed' | 'solid' | 'check' | 'cross' | 'dash'
  /** Share of the way, 0 to 1; only a solid ring fills. */
  fill: number
}

const pieRadius = 2.1
const round = 2 * Math.PI * pieRadius

export function Ring({ ring, fill, size = 14 }: RingShape & { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden="true" style={{ flex: 'none' }}>
      {ring === 'check' ? (
        <>
          <circle cx="7" cy="7" r="6.2" fill="currentColor" />
          <path
            d="M4.2 7.2l2 2 3.7-4.2"
            fill="none"
            stroke="var(--ring-knock, var(--ar-surface))"
            strokeWidth="1.6"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      ) : (
        <circle
          cx="7"
          cy="7"
          r="5.9"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeDasharray={ring === 'dashed' ? '2.3 2.3' : undefined}
        />
      )}
      {ring === 'solid' && fill > 0 && fill < 1 && (
        <circle
          cx="7"
          cy="7"
          r={pieRadius}
          fill="none"
          stroke="currentColor"
          strokeWidth={pieRadius * 2}
          strokeDasharray={`${round * fill} ${round}`}
          transform="rotate(-90 7 7)"
        />
      )}
      {ring === 'solid' && fill === 1 && <circle cx="7" cy="7" r="3.9" fill="currentColor" />}
      {ring === 'cross' && <path d="M4.9 4.9l4.2 4.2M9.1 4.9L4.9 9.1" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />}
      {ring === 'dash' && <path d="M4.4 7h5.2" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />}
    </svg>
  )
}
