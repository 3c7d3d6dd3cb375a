import * as z from 'zod/mini';

/**
 * Before a release replaces containers, each gets a stand-by copy: created, never started, with the same image,
 * environment, mounts and networks. Compose removes the container it replaces, and with it the only place where
 * its secrets were; the copy is what brings the old release back exactly as it was. It carries none of compose's
 * labels, so compose does not see it; what it stands for is written in one label of its own.
 */
const keptRecord = z.object({
  release: z.string(),
  id: z.string(),
  name: z.string(),
  running: z.boolean(),
  image: z.string(),
  labels: z.record(z.string(), z.string()),
  restart: z.optional(z.unknown()),
  networks: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export type KeptRecord = z.infer<typeof keptRecord>;

/** What a container asks of each network that it is in. */
export type Endpoints = KeptRecord['networks'];

export const keptLabel = 'launch.kept';
export const keptProjectLabel = 'launch.kept.project';

/** What of the engine's `inspect` a copy is made of. */
export interface ContainerConfig {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: { readonly Running: boolean };
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string | undefined;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  };
}

export interface CreateRequest {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Networks beyond the first, to connect before the start. */
  readonly networks: Readonly<Record<string, unknown>>;
}

/** The copy of a container. */
export function standByCopy(container: ContainerConfig, release: string, project: string): CreateRequest {
  const record: KeptRecord = {
    release,
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    running: container.State.Running,
    image: String(container.Config['Image'] ?? container.Image),
    labels: z.parse(z.record(z.string(), z.string()), container.Config['Labels'] ?? {}),
    restart: container.HostConfig['RestartPolicy'],
    networks: endpointsOf(container),
  };
  return {
    name: `launch-kept-${release}-${record.name}`.slice(0, 250),
    body: {
      ...configOf(container),
      Image: container.Image,
      Labels: { [keptLabel]: JSON.stringify(record), [keptProjectLabel]: project },
      // A restart of the daemon must not start the copy beside the original.
      HostConfig: { ...withVolumes(container), RestartPolicy: { Name: 'no' } },
    },
    networks: {},
  };
}

/** The container a copy stands for, created anew. `ids`: of containers it refers to, old → new. */
export function restoredContainer(
  copy: ContainerConfig,
  record: KeptRecord,
  ids: ReadonlyMap<string, string>,
): CreateRequest {
  const mode = String(copy.HostConfig['NetworkMode'] ?? '');
  const [first, ...more] = Object.entries(record.networks).sort(([a], [b]) =>
    a === mode ? -1 : b === mode ? 1 : a < b ? -1 : 1,
  );
  return {
    name: record.name,
    body: {
      ...configOf(copy),
      Image: record.image,
      Labels: record.labels,
      HostConfig: {
        ...copy.HostConfig,
        RestartPolicy: record.restart,
        NetworkMode: joined(copy.HostConfig['NetworkMode'], ids),
        IpcMode: joined(copy.HostConfig['IpcMode'], ids),
        PidMode: joined(copy.HostConfig['PidMode'], ids),
      },
      ...(first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [first[0]]: first[1] } } }),
    },
    networks: Object.fromEntries(more),
  };
}

/** The id of the container whose network, IPC or processes it shares; they must be there first. */
export function joinedContainers(container: Pick<ContainerConfig, 'HostConfig'>): string[] {
  return ['NetworkMode', 'IpcMode', 'PidMode'].flatMap((mode) => {
    const match = /^container:(.+)$/.exec(String(container.HostConfig[mode] ?? ''));
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

/** Undefined for a container that is no copy, or one of another version of Launch that can't be read. */
export function readKept(labels: Readonly<Record<string, string>>): KeptRecord | undefined {
  try {
    const parsed = z.safeParse(keptRecord, JSON.parse(labels[keptLabel] ?? ''));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The default host name is the container's own id, or that of the one it joins: it will be another one. */
function configOf(container: ContainerConfig): Record<string, unknown> {
  const { Hostname: hostname, ...config } = container.Config;
  const isOwn = typeof hostname === 'string' && !container.Id.startsWith(hostname);
  const joins = joinedContainers(container).length > 0;
  return isOwn && !joins ? { ...config, Hostname: hostname } : config;
}

function joined(mode: unknown, ids: ReadonlyMap<string, string>): unknown {
  const match = /^container:(.+)$/.exec(String(mode ?? ''));
  const id = match?.[1] === undefined ? undefined : ids.get(match[1]);
  return id === undefined ? mode : `container:${id}`;
}

/** What a person or compose set of each network; what the engine gave it (addresses, ids) it will give anew. */
export function endpointsOf(container: Pick<ContainerConfig, 'Id' | 'NetworkSettings'>): Endpoints {
  const short = container.Id.slice(0, 12);
  const out: Record<string, Endpoints[string]> = {};
  for (const [name, endpoint] of Object.entries(container.NetworkSettings.Networks ?? {})) {
    const aliases = endpoint['Aliases'];
    out[name] = {
      IPAMConfig: endpoint['IPAMConfig'] ?? null,
      Links: endpoint['Links'] ?? null,
      DriverOpts: endpoint['DriverOpts'] ?? null,
      Aliases: Array.isArray(aliases) ? aliases.filter((alias) => alias !== short) : null,
    };
  }
  return out;
}

/**
 * Whether a container is in a network as it asks for it: in that very network where its id is known, under all of its
 * names there, and with its fixed address.
 */
export function isAttached(
  actual: Readonly<Record<string, unknown>> | undefined,
  wanted: Endpoints[string],
  network: string | undefined,
): boolean {
  if (actual === undefined || (network !== undefined && actual['NetworkID'] !== network)) return false;
  const names = listOf(actual['Aliases']);
  if (!listOf(wanted['Aliases']).every((name) => names.includes(name))) return false;
  const given = record(actual['IPAMConfig']);
  return Object.entries(record(wanted['IPAMConfig'])).every(
    ([name, value]) => !value || given[name] === value,
  );
}

/** Anonymous volumes by their names: a new container would otherwise get new, empty ones. */
function withVolumes(container: ContainerConfig): Record<string, unknown> {
  const binds = listOf(container.HostConfig['Binds']);
  const mounts = listOf(container.HostConfig['Mounts']);
  const target = (mount: unknown) => String(record(mount)['Target'] ?? '');
  const volumeAt = new Map(
    container.Mounts.filter((it) => it.Type === 'volume' && it.Name !== undefined).map((it) => [
      it.Destination,
      it,
    ]),
  );
  const known = new Set([...binds.map((bind) => String(bind).split(':')[1] ?? ''), ...mounts.map(target)]);
  const anonymous = [...volumeAt.values()].filter((it) => !known.has(it.Destination));
  return {
    ...container.HostConfig,
    Mounts: mounts.map((mount) => {
      const volume = volumeAt.get(target(mount));
      const unnamed = record(mount)['Type'] === 'volume' && !record(mount)['Source'];
      return volume !== undefined && unnamed ? { ...record(mount), Source: volume.Name } : mount;
    }),
    Binds: [...binds, ...anonymous.map((it) => `${it.Name}:${it.Destination}${it.RW ? '' : ':ro'}`)],
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
