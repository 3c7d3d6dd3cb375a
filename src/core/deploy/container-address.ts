/** A network a container is in, as the engine's `inspect` tells it. */
type Endpoint = Readonly<Record<string, unknown>>;

/**
 * Where the host reaches a container: its address in the project's own network, else in the first of its
 * networks by name. One in the host's network is at the loopback address. Undefined while it does not run.
 */
export function addressOf(
  networks: Readonly<Record<string, Endpoint>> | null,
  networkMode: unknown,
  project: string,
): string | undefined {
  if (networkMode === 'host') return '127.0.0.1';
  const own = `${project}_default`;
  const names = Object.keys(networks ?? {}).sort((a, b) => (a === own ? -1 : b === own ? 1 : a < b ? -1 : 1));
  for (const field of ['IPAddress', 'GlobalIPv6Address']) {
    for (const name of names) {
      const address = networks?.[name]?.[field];
      if (typeof address === 'string' && address !== '') return address;
    }
  }
  return undefined;
}

export function upstreamAt(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
