import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import { areImagesMeant } from '../../../core/deploy/meant-image.ts';
import type { Deployment } from '../deployment.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import { strategyOf } from './plan-route.ts';

/** Whether these containers run the images that the deployment would start them with: a name may have moved on. */
export async function runMeantImages(
  deployment: Deployment,
  images: Images,
  found: readonly InspectedContainer[],
): Promise<boolean> {
  const { restores, service } = deployment;
  // Beside a new generation these stay as they are, whatever their image is.
  const staying = strategyOf(deployment) === undefined ? [] : service.settings.stateful;
  const inUse = found
    .map((it) => ({
      service: labelOf(it, serviceLabel),
      image: it.Image,
      name: String(it.Config['Image'] ?? ''),
    }))
    .filter((it) => !staying.includes(it.service));
  const names = [...new Set(inUse.map(({ name }) => name))].filter((name) => name !== '');
  const known = await Promise.all(names.map(async (name) => [name, (await images.find(name))?.id] as const));
  const meant = new Map(known.flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const])));
  return areImagesMeant(inUse, restores?.release.images, meant);
}
