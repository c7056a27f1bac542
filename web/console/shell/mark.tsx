/** Tresen's mark: a T that stands on a counter. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="9" />
      <path className="mark-letter" d="M9 9.5h14M16 9.5v7" />
      <path className="mark-counter" d="M7.5 21.5h17" />
    </svg>
  );
}
