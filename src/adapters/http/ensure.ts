import { setTimeout as wait } from 'node:timers/promises';

/** A resource that is there, and whether this call has made it. */
export interface Ensured<Resource> {
  readonly resource: Resource;
  readonly made: boolean;
}

export interface Ensuring<Resource> {
  /** By its name, of which there can be one only. */
  find(): Promise<Resource | undefined>;
  make(): Promise<Resource>;
  /** Whether the name is taken, which means that somebody else was quicker, or an earlier attempt after all. */
  isTaken(error: unknown): boolean;
}

/** For a creation whose answer was lost and that the server may still be working on. */
const waitsMs = [200, 1000, 3000];

/**
 * Finds a resource or makes it, so that however often it is called there is one of it: names are unique, and
 * after a creation whose fate is not known it looks again before it tries once more.
 */
export async function ensureOne<Resource>(
  of: Ensuring<Resource>,
  /** Whether a creation that failed may have been carried out all the same. */
  isAmbiguous: (error: unknown) => boolean,
): Promise<Ensured<Resource>> {
  const before = await of.find();
  if (before !== undefined) return { resource: before, made: false };
  for (let attempt = 0; ; attempt += 1) {
    try {
      return { resource: await of.make(), made: true };
    } catch (error) {
      const taken = of.isTaken(error);
      if (!taken && !isAmbiguous(error)) throw error;
      const found = await of.find();
      // Where the answer was lost, it was made by this call as far as anyone can tell.
      if (found !== undefined) return { resource: found, made: !taken || attempt > 0 };
      const pause = waitsMs[attempt];
      if (pause === undefined) throw error;
      await wait(pause);
    }
  }
}
