import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../../adapters/probe/accepts.ts';
import { beat } from '../../adapters/probe/beat.ts';
import { probe } from '../../adapters/probe/probe.ts';
import { portPart } from '../../core/deploy/child-env.ts';
import {
  askablePorts,
  type Beat,
  type OutageReport,
  outageOf,
  type PublishedAddress,
} from '../../core/deploy/outage.ts';
import type { Release } from '../../core/deploy/release.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import type { Deployment } from './deployment.ts';
import type { Entrance } from './driver.ts';

/** Between two requests: often enough to tell tens of milliseconds, rare enough not to be a load. */
const pauseMs = 30;
const limitMs = 2000;

export interface OutageWatch {
  end(): Promise<OutageReport>;
}

type Ask = (signal: AbortSignal) => Promise<boolean>;

/**
 * Asks the service again and again from outside while it is deployed: through the edge proxy where it is behind
 * it, else by its first http check, else by connections to the host ports that it publishes.
 */
export function watchOutage(
  deployment: Deployment,
  entrance: Entrance | undefined,
  { ports = [], previous }: Pick<Release, 'ports' | 'previous'>,
): OutageWatch {
  // Of what was not there before nobody expects an answer.
  const notMeasured = (why: string): OutageReport => (previous === undefined ? {} : { notMeasured: why });
  const ask =
    entrance === undefined
      ? (firstCheck(deployment) ?? connections(askablePorts(ports)))
      : async () => await beat(entrance, limitMs);
  if (ask === undefined) {
    return { end: async () => notMeasured('it has no http check and publishes no TCP port on this host') };
  }
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
      return outage === undefined
        ? notMeasured('it did not answer before either')
        : { outageMs: outage.outageMs, failedProbes: outage.failedProbes };
    },
  };
}

function firstCheck(deployment: Deployment): Ask | undefined {
  const setting = deployment.service.settings.health.find((it) => it.http !== undefined);
  if (setting === undefined) return undefined;
  const check = checkFromSetting(setting, { cwd: deployment.top, env: portPart(deployment.port) });
  return async (signal) => (await probe(check, limitMs, signal)).ok;
}

/** Whether all of the ports take connections that did so at first: one that never did tells nothing. */
function connections(ports: readonly PublishedAddress[]): Ask | undefined {
  if (ports.length === 0) return undefined;
  const take = async (port: PublishedAddress, signal: AbortSignal) => await accepts(port, limitMs, signal);
  let lively: Promise<PublishedAddress[]> | undefined;
  return async (signal) => {
    if (lively === undefined) {
      const first = Promise.all(ports.map(async (port) => ((await take(port, signal)) ? [port] : [])));
      lively = first.then((found) => found.flat());
      return (await lively).length > 0;
    }
    const taken = await Promise.all((await lively).map(async (port) => await take(port, signal)));
    return taken.length > 0 && taken.every(Boolean);
  };
}
