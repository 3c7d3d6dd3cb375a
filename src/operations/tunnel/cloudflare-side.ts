import { cloudflareClient } from '../../adapters/cloudflare/api.ts';
import { type Dns, dnsOf, type Zone } from '../../adapters/cloudflare/dns.ts';
import { ensure } from '../../adapters/cloudflare/ensure.ts';
import { cloudflareCodeOf } from '../../adapters/cloudflare/failure.ts';
import { type Tunnel, type Tunnels, tunnelsOf } from '../../adapters/cloudflare/tunnels.ts';
import { zoneCandidates } from '../../core/cloudflare/tunnel/hostname.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { TunnelRequest } from './request.ts';

/** What Cloudflare keeps of a tunnel. */
export interface CloudflareSide {
  readonly tunnels: Tunnels;
  readonly dns: Dns;
  /** Undefined where the token sees no zone that the hostname belongs to. */
  zoneOf(hostname: string): Promise<Zone | undefined>;
}

export function openCloudflare({
  apiToken,
  accountId,
  hostEnv,
  signal,
  zone,
}: TunnelRequest): CloudflareSide {
  const apiUrl = hostEnv['CLOUDFLARE_API_BASE_URL'] || undefined;
  const client = cloudflareClient({ token: apiToken, accountId, apiUrl, signal });
  const dns = dnsOf(client);
  const seen = new Map<string, Promise<Zone | undefined>>();
  const find = async (name: string) => {
    const asked = seen.get(name) ?? dns.findZone(name);
    seen.set(name, asked);
    return await asked;
  };
  return {
    tunnels: tunnelsOf(client),
    dns,
    async zoneOf(hostname) {
      const candidates = zoneCandidates(hostname);
      if (zone !== undefined) return candidates.includes(zone) ? await find(zone) : undefined;
      for (const candidate of candidates) {
        const found = await find(candidate);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/**
 * The zone in which the record of a hostname can lead to a tunnel.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export async function zoneFor(
  cloudflare: CloudflareSide,
  hostname: string,
  { zone: named, accountId }: TunnelRequest,
): Promise<Zone> {
  const zone = await cloudflare.zoneOf(hostname);
  if (zone === undefined) {
    const tried = named ?? zoneCandidates(hostname).join(', ');
    throw new LaunchError(
      'CONFIG_INVALID',
      `The API token sees no zone for ${hostname} (${printable(tried, 300)}).`,
      {
        remedy:
          named !== undefined && !zoneCandidates(hostname).includes(named)
            ? 'The `zone` has to be the end of the hostname.'
            : 'Add the domain to Cloudflare, or give the token the permissions Zone: Read and DNS: Edit for its zone.',
      },
    );
  }
  if (zone.accountId !== undefined && zone.accountId !== accountId) {
    throw new LaunchError('CONFIG_INVALID', `The zone ${zone.name} is in another account than the tunnel.`, {
      remedy: `A record leads to tunnels of its own account only: give the account id ${printable(zone.accountId, 40)}, and a token for it.`,
    });
  }
  return zone;
}

/**
 * The tunnel of that name.
 *
 * @throws LaunchError CONFIG_INVALID for one whose configuration is a file on some host
 */
export async function findTunnel({ tunnels }: CloudflareSide, name: string): Promise<Tunnel | undefined> {
  const tunnel = await tunnels.find(name);
  if (tunnel === undefined || tunnel.isRemote) return tunnel;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The tunnel ${name} is configured by a file on its host, not by Cloudflare.`,
    {
      remedy: 'Give the tunnel another name, or delete that one where it is run.',
    },
  );
}

/** Makes the tunnel, also where only the answer is lost, or another run is first. */
export async function makeTunnel(cloudflare: CloudflareSide, name: string): Promise<Tunnel> {
  const { resource } = await ensure({
    find: async () => await findTunnel(cloudflare, name),
    make: async () => await cloudflare.tunnels.create(name),
    // 1013: there is one of that name.
    isTaken: (error) => cloudflareCodeOf(error) === 1013,
  });
  return resource;
}
