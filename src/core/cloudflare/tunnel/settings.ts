import { LaunchError } from '../../errors.ts';
import { isName, printable } from '../../names.ts';
import { parseHostname } from './hostname.ts';
import { type Origin, parseOrigin } from './origin.ts';
import type { WayToRun } from './result.ts';

/** What a person says of a tunnel, as text. */
export interface TunnelTexts {
  readonly name: string;
  readonly hostname: string | undefined;
  readonly service: string | undefined;
  readonly zone: string | undefined;
  readonly runAs: WayToRun;
  readonly network: string | undefined;
  readonly image: string | undefined;
}

export interface TunnelSettings {
  readonly name: string;
  /** `ensure` needs it; of `remove`, only this one goes. */
  readonly hostname: string | undefined;
  /** Where requests for the hostname go; `ensure` needs it. */
  readonly origin: Origin | undefined;
  /** The zone of the hostname; found where it is not given. */
  readonly zone: string | undefined;
  readonly runAs: WayToRun;
  /** For `compose`: a network of the engine in place of the host's. */
  readonly network: string | undefined;
  /** For `compose`: another image than the pinned one, such as of a mirror. */
  readonly image: string | undefined;
}

/**
 * `called` gives an input its name for people, such as "The input `hostname`".
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function readTunnelSettings(texts: TunnelTexts, called: (input: string) => string): TunnelSettings {
  const { name, hostname, service, zone, runAs, network, image } = texts;
  const wrong = (input: string, value: string, remedy: string) =>
    new LaunchError('CONFIG_INVALID', `${called(input)} is "${printable(value, 80)}".`, { remedy });
  // The name becomes that of a unit, a compose project and a folder.
  if (!isName(name)) {
    throw wrong(
      'name',
      name,
      'A tunnel is called by 1 to 63 lower-case letters, digits and hyphens, the first of them no hyphen.',
    );
  }
  if (network !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(network)) {
    throw wrong(
      'network',
      network,
      'It takes the name of a Docker network, as `docker network ls` shows it.',
    );
  }
  if (image !== undefined && !/^[a-z0-9][A-Za-z0-9_./:@-]{0,254}$/.test(image)) {
    throw wrong('image', image, 'It takes an image such as registry.example.org/cloudflared@sha256:….');
  }
  for (const [input, value] of [
    ['network', network],
    ['image', image],
  ] as const) {
    if (value !== undefined && runAs !== 'compose') {
      throw wrong(input, value, '`network` and `image` are for `run-as: compose` (--run-as compose).');
    }
  }
  return {
    name,
    hostname: hostname === undefined ? undefined : parseHostname(hostname, called('hostname')),
    origin: service === undefined ? undefined : parseOrigin(service, called('service')),
    zone: zone === undefined ? undefined : parseHostname(zone, called('zone')),
    runAs,
    network,
    image,
  };
}
