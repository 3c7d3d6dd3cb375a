import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { run, succeeded } from '../../../adapters/process/run.ts';
import { hashArgv } from '../../../core/deploy/compose-argv.ts';
import {
  type Generations,
  planGenerations,
  replicasOf,
  type Wanted,
} from '../../../core/deploy/generations.ts';
import type { Release } from '../../../core/deploy/release.ts';
import type { Deployment } from '../deployment.ts';
import type { LaidOut } from './lay-out.ts';
import { labelOf, serviceLabel } from './project-containers.ts';

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

/** Which containers get a new generation beside the old one. */
export function planBeside(
  { reporter, service }: Deployment,
  { model }: LaidOut,
  hashes: ReadonlyMap<string, string>,
  images: Release['images'],
  originals: readonly InspectedContainer[],
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
  }));
  const planned = planGenerations(wanted, present);
  for (const name of planned.outdated) {
    reporter.warning(
      `"${name}" is stateful, so it stays as it is, though the release says something else of it. Deploy once with the strategy recreate to bring it up to date.`,
    );
  }
  return planned;
}
