import { readEdgeSettings } from '../../adapters/edge/edge-file.ts';
import type { Placement, Service } from '../../core/project/service.ts';
import { routedUrl } from '../../core/project/url.ts';
import { entranceOf } from './compose/open-edge.ts';

/**
 * A placement with the URL at which this host's edge proxy serves the service: which scheme and port that has, no
 * file of the repository tells.
 *
 * @throws LaunchError CONFIG_INVALID when the proxy's settings can't be read
 */
export async function placedOnHost(
  { settings }: Pick<Service, 'settings'>,
  placement: Placement,
  stateRoot: string,
): Promise<Placement> {
  const { url, route } = settings;
  if (url !== undefined || route === undefined || placement.driver !== 'compose') return placement;
  const edge = await readEdgeSettings(stateRoot);
  if (edge === undefined) return placement;
  return { ...placement, url: routedUrl(route, entranceOf(edge, route)) };
}
