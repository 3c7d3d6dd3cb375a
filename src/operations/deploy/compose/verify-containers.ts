import { join } from 'node:path';
import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Release } from '../../../core/deploy/release.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { cutRedactor } from '../../../core/secrets/redact.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { BeforeStart, Verifiable } from '../driver.ts';
import { checksOf, type Settling, steadyOf, verifyRelease } from '../verify-release.ts';
import { isAsked } from './asked-containers.ts';
import { type ComposeHost, restartsOf } from './host.ts';
import { knownSecrets } from './known-secrets.ts';
import { probeOwnHealth } from './own-health.ts';
import {
  inspectProject,
  judgeFound,
  type KnownBefore,
  lookAt,
  ownOf,
  resultsOf,
  tailOf,
} from './project-containers.ts';
import { targetsOf } from './traffic.ts';
import { verifyTargets } from './verify-targets.ts';

/** What is known of a deployment's containers from one verification to the next. */
export interface Progress {
  /** Containers that have been verified, so that a rolling update asks each of them once. */
  readonly verified: Set<string>;
  /** When each container was started that was there before; undefined where that was not looked at. */
  startedBefore?: ReadonlyMap<string, string>;
  /** The release that the new one takes the place of. */
  live?: Release | undefined;
  /** Since when those run that have no health check of their own. */
  readonly since: Map<string, number>;
  /** By what the containers of a release were judged; undefined as long as none of it was. */
  judged?: { readonly release: string; readonly known: KnownBefore };
}

/**
 * Waits until the containers of a release are in order: those behind a route each at its own address, all others
 * as they are reached from this host.
 */
export async function verifyContainers(
  deployment: Deployment,
  host: ComposeHost,
  release: Verifiable,
  { project = '', before, switching }: BeforeStart,
  progress: Progress,
): Promise<Failure | undefined> {
  const { api, containers } = host;
  const composeFile =
    release.snapshot === undefined ? undefined : join(release.snapshot, '..', layout.compose);
  const env = releaseEnv(deployment, { id: release.id, project, composeFile });
  // What restarted before is not this release's fault; a container of its own starts at zero.
  const restarts = await restartsOf(host, before);
  const secrets = await knownSecrets(deployment, containers, project);
  const hide = cutRedactor(secrets, 'end');
  const checked = { ...deployment, secretValues: secrets };
  const isNew = switching?.release === release.id;
  const route = isNew ? switching.route : switching?.previous;
  const found = ownOf(await inspectProject(containers, project), release.containers);
  const known: KnownBefore = {
    restarts,
    hide,
    routed: route?.service,
    only: release.containers,
    ...expectedOf(found, before, release, progress),
  };
  progress.judged = { release: release.id, known };
  const steadyMs = await steadyOf(checked, release);
  const byId = new Map(found.map((it) => [it.Id, it]));
  const settling: Settling = {
    since: progress.since,
    isUnasked: (id, checks) => {
      // One that was put back has run before.
      if (progress.live?.id === release.id) return false;
      const container = byId.get(id);
      const isKnown = known.results?.has(id) === true;
      return !isKnown && (container === undefined || !isAsked(container, checks, found.length === 1));
    },
  };
  if (route === undefined) {
    const stop = new AbortController();
    const own = probeOwnHealth(api, found, stop.signal);
    try {
      return await verifyRelease(deployment, {
        checks: await checksOf(checked, release, env),
        look: async () => await lookAt(containers, project, { ...known, passed: own.passed }),
        tail: async (container) => await tailOf(containers, project, container, secrets),
        steadyMs,
        settling,
      });
    } finally {
      stop.abort();
      await own.ended;
    }
  }
  const leaving = new Set(isNew ? switching?.leaving : []);
  const failure = await verifyTargets(deployment, {
    secrets,
    api,
    containers,
    project,
    route,
    leaving,
    before: known,
    steadyMs,
    settling,
    known: new Set(isNew ? progress.verified : []),
    checksFor: async (upstream) => await checksOf(checked, release, { ...env, LAUNCH_ADDRESS: upstream }),
  });
  if (failure === undefined && isNew) {
    for (const { id } of await targetsOf(containers, project, route, leaving)) progress.verified.add(id);
  }
  return failure;
}

/** Looks at the containers of a release once more: what has ended since it was verified, or was started again, fails it. */
export async function lookOnceMore(
  deployment: Deployment,
  { containers }: ComposeHost,
  { project = '', switching }: BeforeStart,
  release: string,
  { judged }: Progress,
): Promise<Failure | undefined> {
  // Another process may bring a release to its end long after it was verified.
  if (judged?.release !== release) return undefined;
  const leaving = new Set(switching?.leaving);
  const found = (await inspectProject(containers, project)).filter((it) => !leaving.has(it.Id));
  const verdict = judgeFound(found, judged.known);
  if (verdict.kind !== 'failed') return undefined;
  const secrets = await knownSecrets(deployment, containers, project);
  return {
    reason: `${verdict.reason}, after it had been found well`,
    lines: await tailOf(containers, project, verdict.container.id, secrets),
  };
}

/**
 * What the containers of before are expected to do. Those that were not started for this release have been judged
 * before: what the engine says of their health is news only when it has looked again.
 */
function expectedOf(
  found: readonly InspectedContainer[],
  before: BeforeStart['before'],
  release: Verifiable,
  { startedBefore, live }: Progress,
): Pick<KnownBefore, 'idle' | 'ran' | 'results'> {
  const old = new Map(before.map((it) => [it.id, it]));
  const stayed = found.filter(({ Id, State }) => {
    const started = startedBefore?.get(Id);
    return old.has(Id) && (started === undefined || started === State.StartedAt);
  });
  const isReplaced = live !== undefined && live.id !== release.id;
  return {
    idle: new Set(stayed.flatMap((it) => (old.get(it.Id)?.running === false ? [it.Id] : []))),
    // One that comes back may have been at its work when the other release began.
    ran: new Set(isReplaced ? live.containers.flatMap((it) => (it.running === true ? [it.id] : [])) : []),
    results: new Map(stayed.map((it) => [it.Id, new Set(resultsOf(it))])),
  };
}
