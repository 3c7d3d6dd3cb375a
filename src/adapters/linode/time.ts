/** A time as the API writes it, `2026-11-21T15:30:00` in UTC, in milliseconds since 1970; NaN when it is none. */
export function timeOf(text: string): number {
  return Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
}
