import type { Additions } from './additions.ts';
import { escapeDollar, unescapeDollar } from './mount-plan.ts';
import type { AdoptedMount, Release } from './release.ts';

/**
 * Containers that ran before Launch took their project over are left alone for as long as nothing of them
 * changes. To compose a label or another mount is a change, so what Launch adds to a service has to wait for one
 * that the service makes itself.
 */
export type Adopted = NonNullable<Release['adopted']>;

/** The additions, with the mounts of these services where they were before, and without labels. */
export function pinAdditions(additions: Additions, adopted: Adopted): Additions {
  const services = Object.entries(additions.services).map(([name, service]) => {
    const mounts = adopted[name];
    if (mounts === undefined) return [name, service] as const;
    const from = new Map(mounts.map((it) => [it.target, it.from]));
    const volumes = (service.volumes ?? []).map((volume) => {
      const source = from.get(volume.target);
      return source === undefined ? volume : { ...volume, source: escapeDollar(source) };
    });
    return [name, volumes.length === 0 ? {} : { volumes }] as const;
  });
  return { ...additions, services: Object.fromEntries(services) };
}

/** Whether a release mounts into a service what its adopted containers have mounted, as far as names tell. */
export function mountsTheSame(
  additions: Additions,
  service: string,
  mounts: readonly AdoptedMount[],
  state: string,
): boolean {
  const volumes = additions.services[service]?.volumes ?? [];
  const files = [...Object.values(additions.configs ?? {}), ...Object.values(additions.secrets ?? {})].map(
    ({ file }) => unescapeDollar(file),
  );
  return mounts.every(({ target, place }) => {
    const source = `${state}/${place}`;
    if (target === undefined) return files.includes(source);
    return volumes.some((it) => it.target === target && unescapeDollar(it.source ?? '') === source);
  });
}

/** Where below the state a source of the additions lies; undefined for one that lies elsewhere. */
export function placeOf(source: string | undefined, state: string): string | undefined {
  const path = unescapeDollar(source ?? '');
  return path.startsWith(`${state}/`) ? path.slice(state.length + 1) : undefined;
}

/** Every place of the state that the additions mount as data. */
export function dataPlaces(additions: Additions, state: string): string[] {
  const places = Object.values(additions.services).flatMap((service) =>
    (service.volumes ?? []).flatMap(({ source }) => placeOf(source, state) ?? []),
  );
  return [...new Set(places)].filter((it) => it.startsWith('data/')).sort();
}

/** What compose says in a rehearsal that it would do with each container, by its name. */
export function plannedActions(output: string): ReadonlyMap<string, readonly string[]> {
  const actions = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const match = /^\s*(?:DRY-RUN MODE - *)?Container (\S+) +(\w+)/.exec(line);
    const [, name, action] = match ?? [];
    if (name === undefined || action === undefined) continue;
    actions.set(name, [...(actions.get(name) ?? []), action]);
  }
  return actions;
}

/** Whether it is left as it is, or just started. */
export function isLeftAlone(actions: readonly string[] | undefined): boolean {
  const harmless = ['Running', 'Starting', 'Started', 'Waiting', 'Healthy', 'Exited'];
  return actions !== undefined && actions.length > 0 && actions.every((it) => harmless.includes(it));
}
