const pattern = /^(\d{1,5})(m|h|d)$/;
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90m`, `4h` or `3d` in milliseconds, a minute to 90 days; undefined when the text is none of these. */
export function parseTimeToLive(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  return ms >= unitMs.m && ms <= 90 * unitMs.d ? ms : undefined;
}

/** `in 3 h 20 min`, `20 min ago`. */
export function formatDistance(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / unitMs.m);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [
    ...(days > 0 ? [`${days} d`] : []),
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(rest > 0 && days === 0 ? [`${rest} min`] : []),
  ];
  const text = parts.length === 0 ? 'less than a minute' : parts.join(' ');
  return ms < 0 ? `${text} ago` : `in ${text}`;
}
