import type { PutBack, Started } from '../driver.ts';
import { awaitStops } from './await-stops.ts';
import type { ComposeHost } from './host.ts';
import { pointTagsBack } from './restore.ts';
import { bringBack } from './stand-by.ts';
import { leadBack, restoreRoute } from './traffic.ts';

/**
 * Brings back what ran before a release. Where two generations are there, requests go to the old one before the
 * new one goes; where some of the old ones had to be made anew, the others serve until those are healthy.
 */
export async function putContainersBack(
  host: ComposeHost,
  { project, before = [], networks: old = [], switching, tags = {} }: Started,
  say: (line: string) => void,
): Promise<PutBack> {
  if (project === undefined) return 'nothing';
  const { containers, images, networks } = host;
  const meant = before.filter((it) => it.running).map(({ id }) => id);
  await awaitStops(host, meant, say);
  const edge = switching === undefined ? undefined : (await host.edge())?.proxy;
  let isServed = false;
  if (switching?.strategy !== undefined && edge !== undefined) {
    isServed = await leadBack(edge, containers, project, switching, new Set(before.map(({ id }) => id)));
  }
  await pointTagsBack(tags, images);
  await bringBack(host, project, before, old);
  await networks.removeOthers(project, old);
  if (switching !== undefined && edge !== undefined && !isServed) {
    await restoreRoute(edge, containers, project, switching);
  }
  if (before.some((it) => it.running)) return 'done';
  if (before.length === 0) await networks.remove(project);
  return 'nothing';
}
