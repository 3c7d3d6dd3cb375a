import { formatDuration } from '../config/duration.ts';

/** One request of the prober; times of any clock that only goes forward, in milliseconds. */
export interface Beat {
  readonly at: number;
  /** When its answer, or its failure, was there. */
  readonly until: number;
  readonly ok: boolean;
}

/** What was seen of a service from outside while it was deployed. */
export interface Outage {
  readonly outageMs: number;
  readonly failedProbes: number;
  readonly probes: number;
}

/**
 * How long a service did not answer: from each first probe that failed to the next answer. Undefined when it had
 * not answered before the deployment either: then there was nothing to lose.
 */
export function outageOf(seen: readonly Beat[], end: number): Outage | undefined {
  const first = seen.toSorted((a, b) => a.at - b.at)[0];
  if (first === undefined || !first.ok) return undefined;
  const answers = seen
    .filter(({ ok }) => ok)
    .map(({ until }) => until)
    .sort((a, b) => a - b);
  const failures = seen.filter(({ ok }) => !ok).toSorted((a, b) => a.at - b.at);
  let outageMs = 0;
  // Stretches that overlap are one, however many probes tell of it.
  let counted = Number.NEGATIVE_INFINITY;
  for (const { at } of failures) {
    const to = answers.find((until) => until > at) ?? end;
    outageMs += Math.max(0, to - Math.max(at, counted));
    counted = Math.max(counted, to);
  }
  return { outageMs: Math.round(outageMs), failedProbes: failures.length, probes: seen.length };
}

/** In a few words; empty where nothing could tell. */
export function describeOutage({
  outageMs,
  failedProbes = 0,
}: {
  readonly outageMs?: number | undefined;
  readonly failedProbes?: number | undefined;
}): string {
  if (outageMs === undefined) return '';
  if (outageMs === 0 && failedProbes === 0) return 'none';
  return `${formatDuration(outageMs)} (${failedProbes} failed ${failedProbes === 1 ? 'probe' : 'probes'})`;
}
