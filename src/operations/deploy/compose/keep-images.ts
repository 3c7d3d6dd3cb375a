import type { Containers } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import { isKeptImageName, keptImageName, releaseOfKeptImage } from '../../../core/deploy/kept-image.ts';
import type { Release } from '../../../core/deploy/release.ts';

/** Gives each image of a release a name that no pull moves and no pruning of unnamed images takes. */
export async function keepImages(images: Images, prefix: string, release: Release): Promise<void> {
  await Promise.all(
    Object.entries(release.images).map(async ([service, { id }]) => {
      await images.tag(id, keptImageName(prefix, service, release.id));
    }),
  );
}

/**
 * Takes those names from releases that are gone, and removes the images that a deployment of this service had
 * brought and that nobody needs any more: no release of any service, no container, no other name.
 */
export async function forgetImages(
  containers: Containers,
  images: Images,
  prefix: string,
  { gone, staying }: { readonly gone: readonly Release[]; readonly staying: readonly Release[] },
): Promise<void> {
  const kept = new Set(staying.map(({ id }) => id));
  for (const name of await images.namesLike(prefix)) {
    if (!kept.has(releaseOfKeptImage(name))) await images.remove(name);
  }
  const needed = new Set(staying.flatMap((release) => Object.values(release.images).map(({ id }) => id)));
  const old = gone
    .flatMap((release) => Object.values(release.images))
    .filter((image) => image.ours === true && !needed.has(image.id));
  for (const { id, name } of new Map(old.map((image) => [`${image.id} ${image.name}`, image])).values()) {
    const names = await images.namesOf(id);
    if (names === undefined || names.some(isKeptImageName)) continue;
    // A second name is somebody else's.
    if (names.length > 1 || (await containers.isUsed(id))) continue;
    if (names.length === 0) await images.remove(id);
    else if ((await images.find(name))?.id === id) await images.remove(name);
  }
}
