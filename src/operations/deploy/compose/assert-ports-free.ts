import type { ListedContainer } from '../../../adapters/engine/containers.ts';
import { findEndpoint } from '../../../adapters/engine/endpoint.ts';
import { holderOf, listeners } from '../../../adapters/host/listeners.ts';
import { assertNotReservedPort, collide, portInUse, wantedPorts } from '../../../core/deploy/port-holders.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { joinPath } from '../../../core/project/view.ts';
import type { Deployment } from '../deployment.ts';
import type { LaidOut } from './lay-out.ts';

const projectLabel = 'com.docker.compose.project';

/**
 * Refuses a release whose host ports somebody else holds, before anything of it is started.
 *
 * @throws LaunchError PORT_IN_USE naming who, CONFIG_INVALID for a reserved port
 */
export async function assertPortsFree(
  { folder, service, placement }: Deployment,
  { model, name }: LaidOut,
  containers: readonly ListedContainer[],
  current: Release | undefined,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = wantedPorts(model);
  if (wanted.length === 0) return;
  const place = { file: joinPath(folder, service.folder.shape.compose ?? 'compose.yml') };
  assertNotReservedPort(wanted, placement.target.allowedPorts ?? [], place);
  const known = new Set(current?.containers.map(({ id }) => id));
  const isOwn = (it: ListedContainer) => it.labels[projectLabel] === name || known.has(it.id);
  // An engine elsewhere has ports that this machine's kernel knows nothing of.
  const isHere = (await findEndpoint(env)).kind === 'unix';
  const listening = isHere ? await listeners() : [];
  for (const port of wanted) {
    const holders = containers.filter((it) => it.ports.some((held) => collide(held, port)));
    const other = holders.find((it) => !isOwn(it));
    if (other !== undefined) {
      const project = other.labels[projectLabel];
      throw portInUse(
        port,
        `the container ${other.name}${project === undefined ? '' : ` (compose project ${project})`}`,
        place,
      );
    }
    if (holders.length > 0) continue;
    const listener = listening.find((it) => collide(it, port));
    if (listener === undefined) continue;
    throw portInUse(port, (await holderOf(listener.inode)) ?? 'a process of another user', place);
  }
}
