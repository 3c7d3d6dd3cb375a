import type { ListedContainer } from '../../../adapters/engine/containers.ts';
import { holderOf, listeners } from '../../../adapters/host/listeners.ts';
import { assertNotReservedPort, collide, portInUse } from '../../../core/deploy/port-holders.ts';
import type { Release, ReleasePort } from '../../../core/deploy/release.ts';
import { joinPath } from '../../../core/project/view.ts';
import type { Deployment } from '../deployment.ts';
import type { ComposeHost } from './host.ts';

const projectLabel = 'com.docker.compose.project';

export interface PublishedPorts {
  /** The compose project that publishes them. */
  readonly project: string;
  readonly ports: readonly ReleasePort[];
  readonly current: Release | undefined;
}

/**
 * Refuses a release whose host ports somebody else holds, before anything of it is started.
 *
 * @throws LaunchError PORT_IN_USE naming who, CONFIG_INVALID for a reserved port
 */
export async function assertPortsFree(
  { folder, service, placement, restores }: Deployment,
  { api, containers }: ComposeHost,
  { project, ports, current }: PublishedPorts,
): Promise<void> {
  if (ports.length === 0) return;
  const place = { file: joinPath(folder, service.folder.shape.compose ?? 'compose.yml') };
  // What was allowed once is part of the release that comes back.
  if (restores === undefined) assertNotReservedPort(ports, placement.target.allowedPorts ?? [], place);
  const known = new Set(current?.containers.map(({ id }) => id));
  const isOwn = (it: ListedContainer) => it.labels[projectLabel] === project || known.has(it.id);
  const all = await containers.list([]);
  // An engine elsewhere has ports that this machine's kernel knows nothing of.
  const listening = api.isLocal ? await listeners() : [];
  for (const port of ports) {
    const holders = all.filter((it) => it.ports.some((held) => collide(held, port)));
    const other = holders.find((it) => !isOwn(it));
    if (other !== undefined) {
      const owner = other.labels[projectLabel];
      const whose = owner === undefined ? '' : ` (compose project ${owner})`;
      throw portInUse(port, `the container ${other.name}${whose}`, place);
    }
    if (holders.length > 0) continue;
    const listener = listening.find((it) => collide(it, port));
    if (listener === undefined) continue;
    throw portInUse(port, (await holderOf(listener.inode)) ?? 'a process of another user', place);
  }
}
