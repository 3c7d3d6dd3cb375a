import { overlap } from '../compose/address-overlap.ts';
import { reservedPorts } from '../compose/port-range.ts';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { ComposeModel } from './compose-model.ts';
import type { ReleasePort } from './release.ts';

export interface HostPort {
  readonly port: number;
  readonly protocol: string;
  /** Undefined or a wildcard: all addresses. */
  readonly address?: string | undefined;
}

/** The fixed host ports that a release publishes. */
export function wantedPorts(model: ComposeModel): ReleasePort[] {
  return Object.entries(model.services).flatMap(([service, { ports }]) =>
    (ports ?? []).flatMap(({ published, target, protocol = 'tcp', host_ip: address }) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(String(published ?? ''));
      const [first, last] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? match?.[1] ?? 0)];
      // Of a range for one port the engine takes any that is free.
      if (match === null || first === 0 || last !== first) return [];
      const known = {
        ...(address === undefined ? {} : { address }),
        ...(target === undefined ? {} : { target }),
      };
      return [{ service, port: first, protocol, ...known }];
    }),
  );
}

/** @throws LaunchError CONFIG_INVALID for a port that belongs to the host itself. */
export function assertNotReservedPort(
  wanted: readonly ReleasePort[],
  allowed: readonly number[],
  place: Place,
): void {
  const found = wanted.find(({ port }) => isReserved(port, allowed));
  if (found === undefined) return;
  throw new LaunchError('CONFIG_INVALID', reservedPortMessage(found.service, found.port), {
    place,
    remedy: reservedPortRemedy(found.port),
  });
}

/** Whether a port belongs to the host itself, and the target does not give it away. */
export function isReserved(port: number, allowed: readonly number[]): boolean {
  return reservedPorts.includes(port) && !allowed.includes(port);
}

export function reservedPortMessage(service: string, port: number): string {
  return `"${printable(service, 80)}" publishes the host port ${port}, which is reserved: 22 is for SSH, 80 and 443 are for the edge proxy.`;
}

export function reservedPortRemedy(port: number): string {
  return `Publish another port and let the edge proxy lead there (\`route: {host, port}\`), or allow it for the target in launch.yml: \`allowed-ports: [${port}]\`.`;
}

/** Whether both can't be had at once. */
export function collide(one: HostPort, other: HostPort): boolean {
  return one.port === other.port && one.protocol === other.protocol && overlap(one.address, other.address);
}

/** @throws LaunchError PORT_IN_USE */
export function portInUse(wanted: ReleasePort, holder: string, place: Place): LaunchError {
  const { service, port, protocol, address } = wanted;
  const at = address === undefined || address === '' ? '' : `${address}:`;
  return new LaunchError(
    'PORT_IN_USE',
    `The host port ${at}${port}/${protocol} of "${printable(service, 80)}" is in use by ${printable(holder, 200)}.`,
    { place, remedy: 'Nothing has been changed. Stop what holds it, or publish another port.' },
  );
}
