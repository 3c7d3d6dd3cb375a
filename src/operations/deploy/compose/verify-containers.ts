import { join } from 'node:path';
import type { Failure } from '../../../core/deploy/result.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { cutRedactor } from '../../../core/secrets/redact.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { BeforeStart, Verifiable } from '../driver.ts';
import { checksOf, verifyRelease } from '../verify-release.ts';
import { type ComposeHost, restartsOf } from './host.ts';
import { knownSecrets } from './known-secrets.ts';
import { probeOwnHealth } from './own-health.ts';
import { inspectProject, lookAt, tailOf } from './project-containers.ts';
import { targetsOf } from './traffic.ts';
import { verifyTargets } from './verify-targets.ts';

/**
 * Waits until the containers of a release are in order: those behind a route each at its own address, all others
 * as they are reached from this host. `verified`: those that have passed before; those that pass are added.
 */
export async function verifyContainers(
  deployment: Deployment,
  host: ComposeHost,
  release: Verifiable,
  { project = '', before, switching }: BeforeStart,
  verified: Set<string>,
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
  const known = { restarts, hide, idle: new Set(before.filter((it) => !it.running).map(({ id }) => id)) };
  const isNew = switching?.release === release.id;
  const route = isNew ? switching.route : switching?.previous;
  if (route === undefined) {
    const stop = new AbortController();
    const own = probeOwnHealth(api, await inspectProject(containers, project), stop.signal);
    try {
      return await verifyRelease(deployment, {
        checks: await checksOf(checked, release, env),
        look: async () => await lookAt(containers, project, { ...known, passed: own.passed }),
        tail: async (container) => await tailOf(containers, project, container, secrets),
      });
    } finally {
      stop.abort();
      await own.ended;
    }
  }
  const leaving = new Set(isNew ? switching?.leaving : []);
  const failure = await verifyTargets(deployment, {
    ...{ secrets, api, containers, project, route, leaving, before: known },
    known: new Set(isNew ? verified : []),
    checksFor: async (upstream) => await checksOf(checked, release, { ...env, LAUNCH_ADDRESS: upstream }),
  });
  if (failure === undefined && isNew) {
    for (const { id } of await targetsOf(containers, project, route, leaving)) verified.add(id);
  }
  return failure;
}
