import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

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

/**
 * The fixed host ports of a compose file, ranges written out; what has no host port, or none that can be
 * known without the host's environment, is left out. Broken YAML gives none: saying so is another's work.
 */
export function publishedPorts(text: string, env: Readonly<Record<string, string>> = {}): PublishedPort[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  if (document.errors.length > 0) return [];
  const services: unknown = document.get('services');
  if (!isMap(services)) return [];
  const found: PublishedPort[] = [];
  for (const pair of services.items) {
    const service = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const ports: unknown = isMap(pair.value) ? pair.value.get('ports') : undefined;
    if (!isSeq(ports)) continue;
    for (const item of ports.items) {
      const range = isScalar(item) || isMap(item) ? item.range : undefined;
      const { line, col } = lines.linePos(range?.[0] ?? 0);
      const spec = isMap(item)
        ? longSyntax(item.toJSON() as Record<string, unknown>, env)
        : isScalar(item)
          ? shortSyntax(interpolate(String(item.value), env))
          : undefined;
      for (const port of spec?.ports ?? []) {
        found.push({
          service,
          address: spec?.address,
          port,
          protocol: spec?.protocol ?? 'tcp',
          line,
          column: col,
        });
      }
    }
  }
  return found;
}

interface Spec {
  readonly address: string | undefined;
  readonly ports: readonly number[];
  readonly protocol: 'tcp' | 'udp';
}

/** `[[address:]host:]container[/protocol]`, each port a number or a range. */
function shortSyntax(text: string): Spec | undefined {
  const match = /^(?:(?:(\[[^\]]+\]|[^:[\]]+):)?(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/.exec(text);
  if (match === null || match[2] === undefined) return undefined;
  return { address: match[1], ports: expand(match[2]), protocol: match[4] === 'udp' ? 'udp' : 'tcp' };
}

function longSyntax(item: Record<string, unknown>, env: Readonly<Record<string, string>>): Spec | undefined {
  const published = item['published'];
  if (typeof published !== 'string' && typeof published !== 'number') return undefined;
  const address = item['host_ip'];
  return {
    address: typeof address === 'string' ? interpolate(address, env) : undefined,
    ports: expand(interpolate(String(published), env)),
    protocol: item['protocol'] === 'udp' ? 'udp' : 'tcp',
  };
}

function expand(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return [];
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  const length = Math.min(Math.max(0, last - first + 1), 65_536);
  return Array.from({ length }, (_, i) => first + i).filter((port) => port >= 1 && port <= 65_535);
}

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`; what has no value is left as it is. */
function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?-)([^}]*))?\})/g,
    (whole, bare: string | undefined, braced: string | undefined, operator?: string, fallback?: string) => {
      const value = env[bare ?? braced ?? ''];
      if (value !== undefined && !(operator === ':-' && value === '')) return value;
      return operator === undefined ? whole : (fallback ?? '');
    },
  );
}
