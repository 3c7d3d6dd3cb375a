import { reservedPorts } from '../compose/port-range.ts';

/** The first port from `wanted` on that neither a service nor the host itself has; undefined when all are taken. */
export function nextFreePort(wanted: number, taken: ReadonlySet<number>): number | undefined {
  for (let port = wanted; port <= 65_535; port += 1) {
    if (!taken.has(port) && !reservedPorts.includes(port)) return port;
  }
  return undefined;
}
