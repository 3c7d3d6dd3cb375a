/** One request of the prober; times of any clock that only goes forward, in milliseconds. */
export interface Beat {
  readonly at: number;
  readonly ok: boolean;
}

/** What was seen of a service from outside while it was deployed. */
export interface Outage {
  readonly outageMs: number;
  readonly failedProbes: number;
  readonly probes: number;
}

/**
 * How long a service did not answer: from each first probe that failed to the next one that did not. Undefined
 * when it had not answered before the deployment either: then there was nothing to lose.
 */
export function outageOf(beats: readonly Beat[], end: number): Outage | undefined {
  const first = beats[0];
  if (first === undefined || !first.ok) return undefined;
  let since: number | undefined;
  let outageMs = 0;
  for (const { at, ok } of beats) {
    if (ok && since !== undefined) {
      outageMs += at - since;
      since = undefined;
    } else if (!ok) since ??= at;
  }
  if (since !== undefined) outageMs += end - since;
  const failedProbes = beats.filter((it) => !it.ok).length;
  return { outageMs: Math.round(outageMs), failedProbes, probes: beats.length };
}
