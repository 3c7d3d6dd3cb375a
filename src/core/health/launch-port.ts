import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: written in service.yml as it is in a compose file.
const variable = '${LAUNCH_PORT}';

/** Whether the address of a check names the port that Launch has given the service. */
export function namesLaunchPort(address: string): boolean {
  return address.includes(variable);
}

/** The address as it reads with a port: to tell whether it is one. */
export function withAnyPort(address: string): string {
  return address.replaceAll(variable, '1');
}

/** @throws LaunchError CONFIG_INVALID where it names the port and there is none. */
export function withLaunchPort(address: string, port: string | undefined, place: Place | undefined): string {
  if (!namesLaunchPort(address)) return address;
  if (port !== undefined) return address.replaceAll(variable, port);
  const asked = `The health check "${printable(address, 200)}" names LAUNCH_PORT, and the service has no such port.`;
  throw new LaunchError('CONFIG_INVALID', asked, {
    ...(place === undefined ? {} : { place }),
    remedy:
      'Give its target a `port-range` in launch.yml, or write the port itself. Outside of a deployment the port is known only on the host on which the service serves.',
  });
}
