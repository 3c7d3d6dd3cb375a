import type { ServiceFile } from '../config/service-file.ts';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { ComposeModel, ComposeService } from './compose-model.ts';

type Settings = Pick<ServiceFile, 'route' | 'stateful'>;

/**
 * The compose service that a route leads to: the one it names, the only one without state, the one that says it
 * listens on the port, or the one that is called like the service.
 *
 * @throws LaunchError CONFIG_INVALID when that can't be told
 */
export function routedService(
  model: ComposeModel,
  { route, stateful }: Settings,
  name: string,
  place: Place,
): string | undefined {
  if (route === undefined) return undefined;
  const known = Object.keys(model.services);
  if (route.service !== undefined) {
    if (known.includes(route.service)) return route.service;
    throw new LaunchError(
      'CONFIG_INVALID',
      `The route leads to "${printable(route.service, 80)}", which the compose file does not have.`,
      { place, remedy: `Name one of ${known.join(', ')}.` },
    );
  }
  const stateless = known.filter((it) => !stateful.includes(it));
  const listening = stateless.filter((it) => containerPorts(model.services[it]).includes(route.port));
  const found = [stateless, listening, stateless.filter((it) => it === name)].find((it) => it.length === 1);
  if (found?.[0] !== undefined) return found[0];
  throw new LaunchError(
    'CONFIG_INVALID',
    `Which of the containers ${stateless.join(', ')} the route leads to can't be told.`,
    {
      place,
      remedy: `Say it with \`service\` in the route, or with \`expose: ["${route.port}"]\` in the compose file.`,
    },
  );
}

function containerPorts(service: ComposeService | undefined): number[] {
  const exposed = (service?.expose ?? []).map((it) => Number(String(it).split('/')[0]));
  return [...exposed, ...(service?.ports ?? []).flatMap((it) => it.target ?? [])];
}

export interface SideBySide {
  readonly strategy: 'rolling' | 'blue-green';
  readonly model: ComposeModel;
  readonly stateful: readonly string[];
  /** The compose service the route leads to. */
  readonly routed: string | undefined;
  readonly place: Place;
}

/**
 * Refuses what can't be there twice at a time.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function assertSideBySide({ strategy, model, stateful, routed, place }: SideBySide): void {
  if (routed === undefined) {
    throw new LaunchError('CONFIG_INVALID', `The strategy ${strategy} needs a route.`, {
      place,
      remedy:
        'Say where requests come from with `route: {host, path, port}`, so that the edge proxy can move them to the new containers, or use `strategy: recreate`.',
    });
  }
  const unknown = stateful.find((name) => model.services[name] === undefined);
  if (unknown !== undefined) {
    throw new LaunchError('CONFIG_INVALID', `The compose file has no service "${printable(unknown, 80)}".`, {
      place,
      remedy: `Correct \`stateful\`; the compose file has ${Object.keys(model.services).join(', ')}.`,
    });
  }
  if (stateful.includes(routed)) {
    throw new LaunchError('CONFIG_INVALID', `"${routed}" is stateful, and the route leads to it.`, {
      place,
      remedy: `Two of it can't run side by side: use \`strategy: recreate\`, or lead the route to another one.`,
    });
  }
  for (const [name, service] of Object.entries(model.services)) {
    if (stateful.includes(name)) continue;
    const reason = obstacle(service, name === routed);
    if (reason === undefined) continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `With ${strategy} two generations of "${printable(name, 80)}" run side by side, but ${reason.why}.`,
      { place, remedy: reason.remedy },
    );
  }
}

function obstacle(
  service: ComposeService,
  isRouted: boolean,
): { readonly why: string; readonly remedy: string } | undefined {
  const published = (service.ports ?? []).find((it) => isFixed(it.published));
  const mark = 'mark it as `stateful`';
  const other = isRouted ? 'use `strategy: recreate`' : mark;
  if (published !== undefined) {
    return {
      why: `it publishes the host port ${published.published}, which only one of them can have`,
      remedy: isRouted
        ? `Remove it from \`ports\`: the edge proxy reaches the container by the port ${published.target ?? ''} of the route. Or use \`strategy: recreate\`.`
        : `Remove it from \`ports\`, or ${mark}.`,
    };
  }
  if (service.container_name !== undefined) {
    return {
      why: `container_name gives both the name "${printable(service.container_name, 80)}"`,
      remedy: `Remove container_name, or ${other}.`,
    };
  }
  if (service.network_mode !== undefined && service.network_mode !== 'bridge') {
    return {
      why: `network_mode: ${printable(service.network_mode, 80)} gives both the same network`,
      remedy: `Remove network_mode, or ${other}.`,
    };
  }
  if (Object.values(service.networks ?? {}).some(hasFixedAddress)) {
    return { why: 'it has a fixed address', remedy: `Remove ipv4_address and ipv6_address, or ${other}.` };
  }
  const volume = isRouted
    ? undefined
    : service.volumes?.find((it) => it.type === 'volume' && it.source && !it['read_only']);
  if (volume !== undefined) {
    return {
      why: `both would write to its volume ${printable(volume.target ?? '', 120)}`,
      remedy: `Most likely it keeps data: ${mark}, then a switch never touches it. Or mount it read-only.`,
    };
  }
  return undefined;
}

function isFixed(published: string | number | undefined): boolean {
  return published !== undefined && published !== '' && published !== 0 && published !== '0';
}

function hasFixedAddress(network: unknown): boolean {
  return (
    typeof network === 'object' &&
    network !== null &&
    (('ipv4_address' in network && Boolean(network.ipv4_address)) ||
      ('ipv6_address' in network && Boolean(network.ipv6_address)))
  );
}

/** A container as it is now, and what compose says it is made from. */
export interface Present {
  readonly id: string;
  readonly service: string;
  /** Compose's label. */
  readonly configHash: string;
  readonly image: string;
  /** Whether it has ended although it was to run on. */
  readonly hasEnded?: boolean;
}

/** What the new release asks of a compose service. */
export interface Wanted {
  readonly configHash: string | undefined;
  /** The image's id; undefined when it is not here. */
  readonly image: string | undefined;
  readonly replicas: number;
  readonly isStateful: boolean;
}

export interface Generations {
  /** How many containers of each service are to be made. */
  readonly made: ReadonlyMap<string, number>;
  /** The containers that make room for them. */
  readonly leaving: readonly string[];
  /** Stateful ones that differ from what the release says, and stay all the same. */
  readonly outdated: readonly string[];
  /** Stateful ones of which a container has ended: it is started again as it is. */
  readonly resumed: readonly string[];
}

/** Which containers get a new generation: those without state that differ from what the release says. */
export function planGenerations(
  wanted: ReadonlyMap<string, Wanted>,
  present: readonly Present[],
): Generations {
  const made = new Map<string, number>();
  const leaving: string[] = [];
  const outdated: string[] = [];
  const resumed: string[] = [];
  for (const [name, want] of wanted) {
    const own = present.filter((it) => it.service === name);
    const isSame = (it: Present) => it.configHash === want.configHash && it.image === want.image;
    const isCurrent = (it: Present) => isSame(it) && it.hasEnded !== true;
    if (own.length === 0) {
      if (want.replicas > 0) made.set(name, want.replicas);
    } else if (want.isStateful) {
      if (!own.every(isSame)) outdated.push(name);
      if (own.some((it) => it.hasEnded)) resumed.push(name);
    } else if (own.length !== want.replicas || !own.every(isCurrent)) {
      if (want.replicas > 0) made.set(name, want.replicas);
      leaving.push(...own.map(({ id }) => id));
    }
  }
  // What the compose file no longer has.
  leaving.push(...present.filter((it) => !wanted.has(it.service)).map(({ id }) => id));
  return { made, leaving, outdated, resumed };
}

export function replicasOf(service: ComposeService): number {
  return service.deploy?.replicas ?? service.scale ?? 1;
}
