const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `30s`, `1.5m`, `500ms` or `2h` in milliseconds; undefined when the text is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const unit = match[2] as keyof typeof unitMs;
  const ms = Number(match[1]) * unitMs[unit];
  return Number.isFinite(ms) && ms <= 24 * unitMs.h ? Math.round(ms) : undefined;
}

/** The shortest exact way to write a duration for people: `1.5 s`, `2 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}
