import type { Release } from './release.ts';

/** A container that runs: of which compose service, from which image, by which name of it. */
export interface ImageInUse {
  readonly service: string;
  /** The image's id. */
  readonly image: string;
  /** What the compose file calls it. */
  readonly name: string;
}

/**
 * Whether what runs is what is asked for: of a release that comes back the images that it recorded, else those that
 * the names in the compose file stand for now. `meant` gives a name's id, and nothing for one that is not on this
 * host: what that means only its registry knows, and that is not asked where nothing else has changed.
 */
export function areImagesMeant(
  inUse: readonly ImageInUse[],
  restored: Release['images'] | undefined,
  meant: ReadonlyMap<string, string>,
): boolean {
  return inUse.every(({ service, image, name }) => {
    const id = restored === undefined ? meant.get(name) : restored[service]?.id;
    return id === undefined ? restored === undefined : id === image;
  });
}
