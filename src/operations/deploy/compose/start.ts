import { join } from 'node:path';
import { upArgv } from '../../../core/deploy/compose-argv.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { Draft } from '../driver.ts';
import { runCommand } from '../run-script.ts';
import type { ComposeHost } from './host.ts';
import { strategyOf } from './plan-route.ts';
import type { PreparedProject } from './prepare.ts';
import { pointTagsAt } from './restore.ts';
import { targetsOf } from './traffic.ts';

/** Lets compose, or the service's own script, replace the containers of the release before. */
export async function startContainers(
  deployment: Deployment,
  host: ComposeHost,
  { laidOut, details, previousRoute }: PreparedProject,
  draft: Draft,
): Promise<Failure | undefined> {
  const { restores, service } = deployment;
  if (restores !== undefined) await pointTagsAt(restores.release, host.images);
  const failure = service.folder.shape.deployScript
    ? await runScript(deployment, laidOut, draft)
    : await runCommand(deployment, {
        title: `Start ${deployment.owner.service}`,
        command: upArgv(laidOut.project),
        cwd: deployment.top,
        env: deployment.env,
      });
  const { route } = details;
  const isReplaced = previousRoute !== undefined && strategyOf(deployment) === undefined;
  if (failure !== undefined || route === undefined || !isReplaced) return failure;
  // Nobody serves any more who could go on until the new containers are verified.
  const targets = await targetsOf(host.containers, laidOut.name, route);
  const upstreams = targets.map((it) => it.upstream);
  await (await host.edge())?.proxy.serve(route, upstreams, []);
  return undefined;
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
