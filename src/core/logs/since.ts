import { parseDuration } from '../config/duration.ts';

/**
 * A point in time as a person names it: `10m` before `now` (milliseconds), or a date as ISO 8601 has it. As the engine
 * takes it: seconds since 1970, with a fraction. Undefined for anything else.
 */
export function parseSince(text: string, now: number): string | undefined {
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const ago = days === undefined ? parseDuration(text) : Number(days) * 86_400_000;
  if (ago !== undefined) return engineTime(new Date(now - ago).toISOString());
  if (!/^\d{4}-\d\d-\d\d(?:[T ][\d:.]{5,18}(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : engineTime(new Date(at).toISOString());
}

/** The time of a line of a log, to its nanosecond. */
export function engineTime(time: string): string {
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? '';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, '0')}`;
}
