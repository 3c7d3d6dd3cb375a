import type { Release } from './release.ts';

/** A container of the service's project as it is now. */
export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Id of its image. */
  readonly image: string;
  readonly status: string;
  /** Whether the engine is told to keep it running. */
  readonly isLasting: boolean;
}

/** In what way that which runs is not what was released; nothing when it is. One sentence each. */
export function driftOf(release: Release, running: readonly RunningContainer[]): string[] {
  const recorded = new Map(release.containers.map((it) => [it.id, it]));
  const here = new Set(running.map(({ id }) => id));
  const byName = new Map(running.map((it) => [it.name, it]));
  const lost = release.containers
    .filter(({ id }) => !here.has(id))
    .map(({ name }) => (byName.has(name) ? `${name} was replaced` : `${name} is gone`));
  const names = new Set(release.containers.map(({ name }) => name));
  const added = running
    .filter(({ id, name }) => !recorded.has(id) && !names.has(name))
    .map(({ name }) => `${name} was not released`);
  const changed = running.flatMap(({ name, service, image }) => {
    const released = release.images[service];
    return released === undefined || released.id === image
      ? []
      : [`${name} runs another image than ${released.name} was`];
  });
  const stopped = running
    .filter(({ id, status, isLasting }) => {
      if (status !== 'exited') return false;
      return isLasting || recorded.get(id)?.running === true;
    })
    .map(({ name, isLasting }) => `${name} ${isLasting ? 'was stopped' : 'has ended'}`);
  return [...lost, ...added, ...changed, ...stopped];
}
