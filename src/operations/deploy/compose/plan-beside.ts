import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { run, succeeded } from '../../../adapters/process/run.ts';
import { dryRunBesideArgv, hashArgv } from '../../../core/deploy/compose-argv.ts';
import {
  type Generations,
  planGenerations,
  replicasOf,
  type Wanted,
} from '../../../core/deploy/generations.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { LaunchError } from '../../../core/errors.ts';
import { printable } from '../../../core/names.ts';
import { joinPath } from '../../../core/project/view.ts';
import type { Deployment } from '../deployment.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import type { LaidOut } from './lay-out.ts';
import { strategyOf } from './plan-route.ts';

/** By compose service, what compose compares; empty where it can't say, so that everything counts as changed. */
export async function composeHashes(
  { env, top }: Deployment,
  { project }: LaidOut,
): Promise<ReadonlyMap<string, string>> {
  const hashed = await run(hashArgv(project), { env, cwd: top, timeout: 60_000 });
  return new Map(
    (succeeded(hashed) ? hashed.stdout : '').split('\n').flatMap((line) => {
      const [name, hash] = line.trim().split(/\s+/);
      return name === undefined || hash === undefined ? [] : [[name, hash] as const];
    }),
  );
}

/**
 * The containers that compose would stop even so: it makes a network that has changed anew. An old compose, which
 * can't say, does not do that either.
 */
export async function disturbedBy(
  { env, top, service }: Deployment,
  { project, model }: LaidOut,
): Promise<string[]> {
  const stateless = Object.keys(model.services).filter((it) => !service.settings.stateful.includes(it));
  const planned = await run(dryRunBesideArgv(project, stateless), { env, cwd: top, timeout: 60_000 });
  const said = `${planned.stdout}\n${planned.stderr}`;
  // Without one it only counts containers, of which there may be more than the release asks for.
  if (!/ Network \S+ (?:Recreat|Remov)/.test(said)) return [];
  const lines = said.matchAll(/ Container (\S+) (?:Stopping|Stopped|Recreate|Recreated|Removing|Removed)\b/g);
  return [...new Set(Array.from(lines, ([, name = '']) => name))];
}

/** @throws LaunchError CONFIG_INVALID when some are */
export function assertUndisturbed(deployment: Deployment, disturbed: readonly string[]): void {
  if (disturbed.length === 0) return;
  const { folder } = deployment.service;
  throw new LaunchError(
    'CONFIG_INVALID',
    `A network of the release is not what it was, so that compose would stop ${printable(disturbed.join(', '), 200)}, which is to serve on with ${strategyOf(deployment) ?? 'recreate'}.`,
    {
      place: { file: joinPath(folder.path, folder.shape.compose ?? 'compose.yml') },
      remedy:
        'Nothing has been changed. Deploy this change once with `strategy: recreate`, or leave the network as it is.',
    },
  );
}

/** Which containers get a new generation beside the old one. */
export function planBeside(
  { reporter, service }: Deployment,
  { model }: LaidOut,
  hashes: ReadonlyMap<string, string>,
  images: Release['images'],
  originals: readonly InspectedContainer[],
  routed: string | undefined,
): Generations {
  const wanted = new Map<string, Wanted>();
  for (const [name, it] of Object.entries(model.services)) {
    const isStateful = service.settings.stateful.includes(name);
    const image = images[name]?.id;
    wanted.set(name, { configHash: hashes.get(name), image, replicas: replicasOf(it), isStateful });
  }
  const present = originals.map((it) => ({
    id: it.Id,
    service: labelOf(it, serviceLabel),
    configHash: labelOf(it, 'com.docker.compose.config-hash'),
    image: it.Image,
    hasEnded: hasEnded(it, routed),
  }));
  const planned = planGenerations(wanted, present);
  for (const name of planned.outdated) {
    reporter.warning(
      `"${name}" is stateful, so it stays as it is, though the release says something else of it. Deploy once with the strategy recreate to bring it up to date.`,
    );
  }
  return planned;
}

/** One that ended well was a job, unless it was to run on. */
function hasEnded(container: InspectedContainer, routed: string | undefined): boolean {
  const { Status: status, ExitCode: exitCode } = container.State;
  if (status !== 'exited' && status !== 'dead') return false;
  return exitCode !== 0 || isLasting(container) || labelOf(container, serviceLabel) === routed;
}

function isLasting({ HostConfig: { RestartPolicy: policy } }: InspectedContainer): boolean {
  const name = typeof policy === 'object' && policy !== null && 'Name' in policy ? policy.Name : '';
  return name === 'always' || name === 'unless-stopped';
}
