import { createHash } from 'node:crypto';
import type { PortRange } from '../compose/port-range.ts';

/**
 * The port of a service on a target: always the same as long as nobody else has it, else the next free one of the
 * range. Undefined when the whole range is taken.
 */
export function assignedPort(
  { first, last }: PortRange,
  { target, service }: { readonly target: string; readonly service: string },
  taken: ReadonlySet<number>,
): number | undefined {
  const size = last - first + 1;
  const start = createHash('sha256').update(`${target}\n${service}`).digest().readUInt32BE(0) % size;
  for (let step = 0; step < size; step += 1) {
    const port = first + ((start + step) % size);
    if (!taken.has(port)) return port;
  }
  return undefined;
}
