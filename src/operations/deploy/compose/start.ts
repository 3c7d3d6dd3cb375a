import { join } from 'node:path';
import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { run, succeeded } from '../../../adapters/process/run.ts';
import { serviceNamesArgv, upArgv } from '../../../core/deploy/compose-argv.ts';
import { endpointsOf } from '../../../core/deploy/kept-container.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { Draft } from '../driver.ts';
import { runCommand } from '../run-script.ts';
import { attach } from './attach-networks.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import type { ComposeHost } from './host.ts';
import type { LaidOut } from './lay-out.ts';
import { strategyOf } from './plan-route.ts';
import type { PreparedProject } from './prepare.ts';
import { nameOf } from './project-containers.ts';
import { pointTagsAt } from './restore.ts';
import { targetsOf } from './traffic.ts';

/** Lets compose, or the service's own script, replace the containers of the release before. */
export async function startContainers(
  deployment: Deployment,
  host: ComposeHost,
  { laidOut, details, previousRoute }: PreparedProject,
  draft: Draft,
  originals: readonly InspectedContainer[],
): Promise<Failure | undefined> {
  const { restores, service } = deployment;
  if (restores !== undefined) await pointTagsAt(restores.release, host.images);
  const failure = service.folder.shape.deployScript
    ? await runScript(deployment, laidOut, draft)
    : await runUp(deployment, host, laidOut, originals);
  const { route } = details;
  const isReplaced = previousRoute !== undefined && strategyOf(deployment) === undefined;
  if (failure !== undefined || route === undefined || !isReplaced) return failure;
  // Nobody serves any more who could go on until the new containers are verified.
  const targets = await targetsOf(host.containers, laidOut.name, route);
  const upstreams = targets.map((it) => it.upstream);
  await (await host.edge())?.proxy.serve(route, upstreams, []);
  return undefined;
}

async function runUp(
  deployment: Deployment,
  host: ComposeHost,
  laidOut: LaidOut,
  originals: readonly InspectedContainer[],
): Promise<Failure | undefined> {
  const { owner, env, top } = deployment;
  await removeOrphans(deployment, host, laidOut, originals);
  const title = `Start ${owner.service}`;
  const failure = await runCommand(deployment, { title, command: upArgv(laidOut.project), cwd: top, env });
  if (failure === undefined) await attachAgain(deployment, host, laidOut, originals);
  return failure;
}

/**
 * Puts the containers that stayed back into their networks. Compose takes them out of one that it makes anew, and the
 * engine then puts them into the first one only, where nobody finds them by their service's name.
 */
async function attachAgain(
  { reporter }: Deployment,
  { containers, networks }: ComposeHost,
  { name }: LaidOut,
  originals: readonly InspectedContainer[],
): Promise<void> {
  const ids = await networks.ids(name);
  for (const it of originals) {
    if (!(await containers.inspect(it.Id))?.State.Running) continue;
    if (await attach(containers, it.Id, endpointsOf(it), ids)) {
      reporter.info(`${nameOf(it)} has its names in its networks again, which were made anew.`);
    }
  }
}

/**
 * Removes the containers of services that the compose file no longer has. Compose does so, too, but only after it
 * has made networks anew that have changed, which fails as long as such a container is in one.
 */
async function removeOrphans(
  { env, top, reporter }: Deployment,
  { containers }: ComposeHost,
  { project, model }: LaidOut,
  originals: readonly InspectedContainer[],
): Promise<void> {
  const unknown = originals.filter((it) => model.services[labelOf(it, serviceLabel)] === undefined);
  if (unknown.length === 0 || project.program !== 'docker compose') return;
  const listed = await run(serviceNamesArgv(project), { env, cwd: top, timeout: 60_000 });
  if (!succeeded(listed)) return;
  const known = new Set(listed.stdout.split('\n').map((line) => line.trim()));
  const orphans = unknown.filter((it) => !known.has(labelOf(it, serviceLabel)));
  if (orphans.length === 0) return;
  reporter.info(`Remove ${orphans.map(nameOf).join(', ')}: the compose file no longer has that service.`);
  await Promise.all(
    orphans.map(async (it) => {
      if (it.State.Running) await containers.stop(it.Id, undefined);
      // Its anonymous volumes come back with it, should it have to.
      await containers.remove(it.Id);
    }),
  );
}

async function runScript(
  deployment: Deployment,
  { name, composeFile }: PreparedProject['laidOut'],
  draft: Draft,
): Promise<Failure | undefined> {
  await deployment.logins.ensure('all');
  return await runCommand(deployment, {
    title: `deploy.sh of ${deployment.owner.service}`,
    command: ['./deploy.sh'],
    cwd: join(draft.path, layout.snapshot, deployment.folder),
    env: releaseEnv(deployment, { id: draft.id, project: name, composeFile }),
  });
}
