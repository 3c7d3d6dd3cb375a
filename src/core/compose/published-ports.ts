import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A host port that a compose file publishes. */
export interface PublishedPort {
  readonly service: string;
  /** The host address it binds; undefined for all of them. */
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly line: number;
  readonly column: number;
}

/** What one entry of `ports` publishes. */
export interface Publication {
  readonly address: string | undefined;
  readonly ports: readonly number[];
  /** What they lead to in the container, one for each, or one for all. */
  readonly containerPorts: readonly number[];
  readonly protocol: 'tcp' | 'udp';
}

type Variables = Readonly<Record<string, string>>;

/**
 * The fixed host ports of a compose file, ranges written out, in the order of the file; what has no host port,
 * or none that can be known without the host's environment, is left out. Broken YAML gives none: saying so is
 * another's work.
 */
export function publishedPorts(text: string, env: Variables = {}): PublishedPort[] {
  // Most files that publish nothing are told without parsing them.
  if (!text.includes('ports')) return [];
  return placedEntries(text).flatMap(({ service, item, line, column }) => {
    const publication = publicationOf(item, env);
    if (publication === undefined) return [];
    const { address, protocol } = publication;
    return publication.ports.map((port) => ({ service, address, port, protocol, line, column }));
  });
}

type PlacedEntry = Omit<PortEntry, 'offset'> & Pick<PublishedPort, 'line' | 'column'>;

/** Each target of a service asks for the same file's ports, with its own variables. */
const known = new Map<string, readonly PlacedEntry[]>();
const mostKnown = 2000;

function placedEntries(text: string): readonly PlacedEntry[] {
  const before = known.get(text);
  if (before !== undefined) return before;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const entries =
    document.errors.length > 0
      ? []
      : portEntries(document).map(({ service, item, offset }) => {
          const { line, col } = lines.linePos(offset);
          return { service, item, line, column: col };
        });
  if (known.size >= mostKnown) known.clear();
  known.set(text, entries);
  return entries;
}

/** A host port without the place where it is written. */
export type PortOfService = Omit<PublishedPort, 'line' | 'column'>;

/**
 * What is published on a target: where its settings name a compose service under `ports`, that takes the place of
 * what the files say.
 */
export function portsOn<T extends PortOfService>(
  published: readonly T[],
  {
    ports = {},
    env,
  }: { readonly ports?: Readonly<Record<string, readonly unknown[]>>; readonly env: Variables },
): (T | PortOfService)[] {
  const replaced = Object.entries(ports).flatMap(([service, items]) =>
    items.flatMap((item): PortOfService[] => {
      const publication = publicationOf(item, env);
      if (publication === undefined) return [];
      const { address, protocol } = publication;
      return publication.ports.map((port) => ({ service, address, port, protocol }));
    }),
  );
  return [...replaced, ...published.filter(({ service }) => !Object.hasOwn(ports, service))];
}

/** An item of `ports`. */
export interface PortEntry {
  readonly service: string;
  /** As it is written: a text, a number or a map. */
  readonly item: unknown;
  readonly offset: number;
}

/** Each item of each service's `ports`, aliases and merge keys followed. */
export function portEntries(document: Document): PortEntry[] {
  const services = follow(document.get('services', true), document);
  if (!isMap(services)) return [];
  return services.items.flatMap((pair) => {
    const service = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const ports = valueIn(pair.value, 'ports', document);
    if (!isSeq(ports)) return [];
    return ports.items.flatMap((entry): PortEntry[] => {
      const node = follow(entry, document);
      if (!isScalar(node) && !isMap(node)) return [];
      const item: unknown = isMap(node) ? node.toJS(document) : node.value;
      return [{ service, item, offset: node.range?.[0] ?? 0 }];
    });
  });
}

/** A key's value in a map or, where it has none, in the maps that `<<` merges into it. */
function valueIn(node: unknown, key: string, document: Document): unknown {
  const map = follow(node, document);
  if (!isMap(map)) return undefined;
  const own = follow(map.get(key, true), document);
  if (own !== undefined) return own;
  const merge = map.items.find(({ key: name }) => isScalar(name) && isMergeKey(name.value));
  const merged = follow(merge?.value, document);
  const bases = isSeq(merged) ? merged.items : [merged];
  for (const base of bases) {
    const value = base === undefined ? undefined : valueIn(base, key, document);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The parser makes a symbol of a `<<` that merges. */
function isMergeKey(name: unknown): boolean {
  return typeof name === 'symbol' ? name.description === '<<' : name === '<<';
}

function follow(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** What an item of `ports` publishes; undefined when it has no host port. */
export function publicationOf(item: unknown, env: Variables): Publication | undefined {
  if (typeof item === 'string' || typeof item === 'number')
    return shortSyntax(interpolate(String(item), env));
  return isRecord(item) ? longSyntax(item, env) : undefined;
}

/** `[[address:]host:]container[/protocol]`, each port a number or a range. */
function shortSyntax(text: string): Publication | undefined {
  const match = /^(?:(?:(\[[^\]]+\]|[^:[\]]+):)?(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  return {
    address: match[1],
    ports: expand(match[2]),
    containerPorts: expand(match[3] ?? ''),
    protocol: match[4] === 'udp' ? 'udp' : 'tcp',
  };
}

function longSyntax(item: Readonly<Record<string, unknown>>, env: Variables): Publication | undefined {
  const published = item['published'];
  if (typeof published !== 'string' && typeof published !== 'number') return undefined;
  const address = item['host_ip'];
  return {
    address: typeof address === 'string' ? interpolate(address, env) : undefined,
    ports: expand(interpolate(String(published), env)),
    containerPorts: expand(interpolate(String(item['target'] ?? ''), env)),
    protocol: item['protocol'] === 'udp' ? 'udp' : 'tcp',
  };
}

/** A range given from its larger end is none; one that leaves the ports ends with the last of them. */
function expand(text: string): number[] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (match === null) return [];
  const first = Math.max(1, Number(match[1]));
  const last = Math.min(65_535, Number(match[2] ?? match[1]));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`; what has no value is left as it is. */
function interpolate(text: string, env: Variables): string {
  return text.replace(
    /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?-)([^}]*))?\})/g,
    (whole, bare: string | undefined, braced: string | undefined, operator?: string, fallback?: string) => {
      const name = bare ?? braced ?? '';
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined && !(operator === ':-' && value === '')) return value;
      return operator === undefined ? whole : (fallback ?? '');
    },
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
