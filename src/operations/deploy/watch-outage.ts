import { setTimeout as sleep } from 'node:timers/promises';
import { beat } from '../../adapters/probe/beat.ts';
import { probe } from '../../adapters/probe/probe.ts';
import { type Beat, outageOf } from '../../core/deploy/outage.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import type { Deployment } from './deployment.ts';
import type { Entrance } from './driver.ts';

/** Between two requests: often enough to tell tens of milliseconds, rare enough not to be a load. */
const pauseMs = 30;
const limitMs = 2000;

export interface OutageWatch {
  /** Ends the watch; undefined members where nothing could tell. */
  end(): Promise<{ readonly outageMs?: number; readonly failedProbes?: number }>;
}

/**
 * Asks the service again and again from outside while it is deployed: through the edge proxy where it is behind
 * it, else by its first http check.
 */
export function watchOutage(deployment: Deployment, entrance: Entrance | undefined): OutageWatch {
  const ask = entrance === undefined ? firstCheck(deployment) : async () => await beat(entrance, limitMs);
  if (ask === undefined) return { end: async () => ({}) };
  const stop = new AbortController();
  // Who has handed the deployment over has nothing to watch any more, and must be able to end.
  deployment.charge.onLay(() => stop.abort());
  const beats: Beat[] = [];
  const askOnce = async () => {
    const at = performance.now();
    const ok = await ask(stop.signal).catch(() => false);
    // What was cut off at the end says nothing.
    if (ok || !stop.signal.aborted) beats.push({ at, until: performance.now(), ok });
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      // Not one after the other: a first packet that is lost holds a request up for a second, and it succeeds.
      void askOnce();
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  return {
    async end() {
      const end = performance.now();
      stop.abort();
      await watching;
      const outage = outageOf(beats, end);
      return outage === undefined ? {} : { outageMs: outage.outageMs, failedProbes: outage.failedProbes };
    },
  };
}

function firstCheck(deployment: Deployment): ((signal: AbortSignal) => Promise<boolean>) | undefined {
  const setting = deployment.service.settings.health.find((it) => it.http !== undefined);
  if (setting === undefined) return undefined;
  const check = checkFromSetting(setting, { cwd: deployment.top, env: {} });
  return async (signal) => (await probe(check, limitMs, signal)).ok;
}
