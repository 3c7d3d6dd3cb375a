import { printable } from '../names.ts';
import type { Additions } from './additions.ts';
import { placeOf } from './adopted.ts';
import type { ComposeModel, ComposeVolume } from './compose-model.ts';
import type { FoundContainer, FoundMount } from './found-container.ts';
import { unescapeDollar } from './mount-plan.ts';
import type { AdoptedMount, DataLink } from './release.ts';

export interface PairContext {
  readonly model: ComposeModel;
  readonly additions: Additions;
  /** The service's state folder. */
  readonly state: string;
}

/** What a container mounts, beside what a release mounts in its place. */
export interface MountPairs {
  readonly mounts: readonly AdoptedMount[];
  readonly data: readonly DataLink[];
  /** Data that the next release would not have in front of it: one clause each. */
  readonly faults: readonly string[];
}

/** Finds for each mount of a release where a container that runs has the same from. */
export function pairMounts(container: FoundContainer, context: PairContext): MountPairs {
  const { additions, state } = context;
  const mounts: AdoptedMount[] = [];
  const faults: string[] = [];
  const at = new Map(container.mounts.map((it) => [targetOf(it.target), it]));
  for (const volume of additions.services[container.service]?.volumes ?? []) {
    const [place, found] = [placeOf(volume.source, state), at.get(targetOf(volume.target))];
    if (place === undefined || found === undefined) continue;
    if (found.type === 'bind') mounts.push({ target: volume.target, from: found.source, place });
    else if (found.writable) faults.push(fault(container, found, 'mounts a folder of its own'));
  }
  const files = filesOf(container.service, context);
  for (const { target, place } of files) {
    const found = at.get(target);
    if (found?.type === 'bind') mounts.push({ from: found.source, place });
  }
  const seen = new Set(
    [...(additions.services[container.service]?.volumes ?? []), ...files].map(({ target }) =>
      targetOf(target),
    ),
  );
  for (const found of container.mounts.filter((it) => !seen.has(targetOf(it.target)))) {
    const instead = replacement(container, found, context);
    if (instead !== undefined) faults.push(fault(container, found, instead));
  }
  const data = mounts.filter(({ place, from }) => isData(place) && !from.startsWith(`${state}/`));
  return { mounts, data: data.map(({ place, from }) => ({ place, from })), faults: [...new Set(faults)] };
}

/** One link for each place; two folders for one place are a fault. */
export function mergeDataLinks(links: readonly DataLink[]): {
  readonly data: readonly DataLink[];
  readonly faults: readonly string[];
} {
  const byPlace = Map.groupBy(links, ({ place }) => place);
  const faults: string[] = [];
  const data = Array.from(byPlace, ([place, all]) => {
    const froms = [...new Set(all.map(({ from }) => from))];
    if (froms.length > 1) {
      const named = froms.map((it) => printable(it)).join(' and ');
      faults.push(`${printable(place)} is ${named} for different containers`);
    }
    return { place, from: froms[0] ?? '' };
  });
  // A folder before what is below it.
  return { data: data.sort((a, b) => (a.place < b.place ? -1 : 1)), faults };
}

function isData(place: string): boolean {
  return place.startsWith('data/');
}

function targetOf(target: string | undefined): string {
  return (target ?? '').replace(/(.)\/+$/, '$1');
}

/** Files of configs and secrets, with the places where compose mounts them. */
function filesOf(
  service: string,
  { model, additions, state }: PairContext,
): { readonly target: string; readonly place: string }[] {
  const { configs = [], secrets = [] } = model.services[service] ?? {};
  const found = [
    ...configs.map(({ source = '', target }) => ({
      file: additions.configs?.[source]?.file,
      target: target ?? `/${source}`,
    })),
    ...secrets.map(({ source = '', target = source }) => ({
      file: additions.secrets?.[source]?.file,
      target: target.startsWith('/') ? target : `/run/secrets/${target}`,
    })),
  ];
  return found.flatMap(({ file, target }) => {
    const place = placeOf(file, state);
    return place === undefined ? [] : [{ target, place }];
  });
}

/** What the release has in a mount's stead, when data would be out of its sight; undefined when all is well. */
function replacement(
  { service }: FoundContainer,
  found: FoundMount,
  { model }: PairContext,
): string | undefined {
  const isKept = found.type === 'volume' || found.type === 'bind';
  if (!isKept || !found.writable || found.source.endsWith('.sock')) return undefined;
  const { volumes = [], volumes_from: borrowed } = model.services[service] ?? {};
  const wanted = volumes.find((it) => targetOf(it.target) === targetOf(found.target));
  if (wanted === undefined) {
    // Compose hands a volume without a name on to the container that takes the old one's place.
    return isAnonymous(found) || borrowed !== undefined ? undefined : 'mounts nothing there';
  }
  if (isSameSource(found, wanted, model)) return undefined;
  const name = volumeName(wanted, model);
  return `mounts ${name === undefined ? printable(wanted.source ?? wanted.type) : `the volume ${printable(name)}`} there`;
}

function isSameSource(found: FoundMount, wanted: ComposeVolume, model: ComposeModel): boolean {
  if (found.type !== wanted.type) return false;
  if (found.type === 'bind') return unescapeDollar(wanted.source ?? '') === found.source;
  const name = volumeName(wanted, model);
  return name === undefined ? isAnonymous(found) : name === found.name;
}

function volumeName({ type, source }: ComposeVolume, model: ComposeModel): string | undefined {
  if (type !== 'volume' || source === undefined || source === '') return undefined;
  return model.volumes?.[source]?.name ?? `${model.name}_${source}`;
}

function isAnonymous({ type, name }: FoundMount): boolean {
  return type === 'volume' && /^[0-9a-f]{64}$/.test(name ?? '');
}

function fault({ name }: FoundContainer, found: FoundMount, instead: string): string {
  const where = found.type === 'volume' ? `the volume ${found.name ?? '?'}` : found.source;
  return `${name} keeps ${printable(found.target)} in ${printable(where)}, the folder ${instead}`;
}
