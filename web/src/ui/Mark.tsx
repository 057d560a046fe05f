/** The product's mark. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 26 26" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="26" height="26" rx="7" fill="var(--ar-accent)" />
      <path
        d="M7.5 18.5L13 7l5.5 11.5M9.6 14.5h6.8"
        fill="none"
        stroke="var(--ar-on-accent)"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
