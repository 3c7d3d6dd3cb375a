import { formatDuration } from '../config/duration.ts';
import { counted } from '../counted.ts';
import type { ReleasePort } from './release.ts';

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

/** What watching a service came to; no member is there where there was nothing to lose. */
export interface OutageReport {
  readonly outageMs?: number | undefined;
  readonly failedProbes?: number | undefined;
  /** Why nothing could tell, in a few words. */
  readonly notMeasured?: string | undefined;
}

/** Where this host reaches what a release publishes. */
export interface PublishedAddress {
  readonly host: string;
  readonly port: number;
}

/** A MySQL server shuts out a host whose connections end before they have begun. */
const unfit: readonly (number | undefined)[] = [3306, 33060];

/**
 * The TCP ports of a release by which it can be told whether it answers; each takes a connection now and then. At
 * most four: more tell no more.
 */
export function askablePorts(ports: readonly ReleasePort[]): PublishedAddress[] {
  const fit = ports.filter(
    ({ protocol, target, port }) => protocol === 'tcp' && !unfit.includes(target ?? port),
  );
  const all = fit.map(({ address, port }) => ({ host: reachable(address), port }));
  return [...new Map(all.map((it) => [`${it.host} ${it.port}`, it])).values()].slice(0, 4);
}

function reachable(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[|\]$/g, '');
  if (bare === '' || bare === '0.0.0.0') return '127.0.0.1';
  return bare === '::' ? '::1' : bare;
}

/** In a few words; empty where there was nothing to lose. */
export function describeOutage({ outageMs, failedProbes = 0, notMeasured }: OutageReport): string {
  if (outageMs === undefined) return notMeasured === undefined ? '' : `not measured: ${notMeasured}`;
  if (outageMs === 0 && failedProbes === 0) return 'none';
  return `${formatDuration(outageMs)} (${counted(failedProbes, 'failed probe')})`;
}
