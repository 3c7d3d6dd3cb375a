import { setTimeout as sleep } from 'node:timers/promises';
import { cloudflareCodeOf, cloudflareStatusOf } from '../../adapters/cloudflare/failure.ts';
import type { Tunnel } from '../../adapters/cloudflare/tunnels.ts';
import { removeKnownTunnel } from '../../adapters/cloudflared/tunnel-file.ts';
import { describeRecord, isOurs, tunnelAddress } from '../../core/cloudflare/tunnel/dns-plan.ts';
import {
  isUnused,
  routesOf,
  type TunnelConfiguration,
  withoutRoute,
} from '../../core/cloudflare/tunnel/ingress.ts';
import type { TunnelResult } from '../../core/cloudflare/tunnel/result.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import { type CloudflareSide, findTunnel, openCloudflare } from './cloudflare-side.ts';
import { connectorsHere } from './connectors-here.ts';
import type { TunnelRequest } from './request.ts';
import { type Steps, stepsOf } from './steps.ts';
import { type TunnelPlace, tunnelPlace, withTunnelLock } from './with-tunnel-lock.ts';

/** Cloudflare notices within seconds that a connector has gone. */
const farewellMs = 30_000;

/**
 * Takes away what `ensureTunnel` made, and nothing else: the DNS record by its mark, the rule of the hostname, and,
 * once nothing leads through the tunnel any more, cloudflared on this host; the tunnel itself when its name was typed
 * again. Says what is left. Without a hostname all that Launch leads through the tunnel goes.
 *
 * @throws LaunchError CONFIG_INVALID (a confirmation of another name), and what `ensureTunnel` throws
 */
export async function removeTunnel(request: TunnelRequest, reporter: Reporter): Promise<TunnelResult> {
  const { confirm, name } = request;
  if (confirm !== undefined && confirm !== name) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `\`confirm\` is "${printable(confirm, 80)}", and the tunnel is ${name}.`,
      {
        remedy: 'Nothing has been removed. Type the name of the tunnel again to have it deleted.',
      },
    );
  }
  const cloudflare = openCloudflare(request);
  if (request.dryRun) return await remove(request, cloudflare, await tunnelPlace(request), reporter);
  return await withTunnelLock(
    request,
    reporter,
    async (place) => await remove(request, cloudflare, place, reporter),
  );
}

async function remove(
  request: TunnelRequest,
  cloudflare: CloudflareSide,
  place: TunnelPlace,
  reporter: Reporter,
): Promise<TunnelResult> {
  const { name } = request;
  const steps = stepsOf(request.dryRun, reporter);
  const left: string[] = [];
  const tunnel = await findTunnel(cloudflare, name);
  const config = tunnel === undefined ? {} : (await cloudflare.tunnels.configuration(tunnel.id)).config;
  const hostnames = await hostnamesOf(request, cloudflare, place, tunnel, config);
  for (const hostname of hostnames)
    left.push(...(await removeName(hostname, request, cloudflare, tunnel, steps)));
  const rest = tunnel === undefined ? {} : await removeRoutes(hostnames, tunnel, cloudflare, steps);
  const isFree = tunnel === undefined || isUnused(rest);
  if (isFree) await removeConnectors(request, place, steps, reporter);
  if (tunnel !== undefined) left.push(...(await removeItself(request, tunnel, cloudflare, rest, steps)));
  if (!steps.isRehearsal) await forget(place, hostnames, isFree);
  for (const what of left) reporter.info(`Left: ${what}.`);
  return {
    operation: 'remove',
    status: statusOf(steps, tunnel, left),
    name,
    tunnelId: tunnel?.id,
    hostname: request.hostname,
    url: undefined,
    ready: false,
    changes: steps.taken,
    left,
    notices: [],
    routes: [],
    connector: undefined,
  };
}

/** Those that are to go: the one that was named, else all that are known or marked as Launch's. */
async function hostnamesOf(
  { hostname, name }: TunnelRequest,
  { zoneOf, dns }: CloudflareSide,
  { known }: TunnelPlace,
  tunnel: Tunnel | undefined,
  config: TunnelConfiguration,
): Promise<string[]> {
  if (hostname !== undefined) return [hostname];
  const found = new Set(known.current()?.hostnames ?? []);
  const zones = new Set<string>();
  for (const route of routesOf(config)) {
    const zone = await zoneOf(route.hostname);
    if (tunnel === undefined || zone === undefined || zones.has(zone.id)) continue;
    zones.add(zone.id);
    for (const record of await dns.leadingTo(zone.id, tunnelAddress(tunnel.id))) {
      if (isOurs(record, name)) found.add(record.name.toLowerCase());
    }
  }
  return [...found].sort();
}

/** Takes the marked record of a hostname away; returns what is left at that name. */
async function removeName(
  hostname: string,
  { name }: TunnelRequest,
  { zoneOf, dns }: CloudflareSide,
  tunnel: Tunnel | undefined,
  steps: Steps,
): Promise<string[]> {
  const zone = await zoneOf(hostname);
  if (zone === undefined) return [`whatever DNS record ${hostname} has: the API token sees no zone for it`];
  const left: string[] = [];
  for (const record of await dns.named(zone.id, hostname)) {
    if (isOurs(record, name)) {
      await steps.take(`deleted the DNS record of ${hostname}`, async () => {
        await unlessGone(dns.remove(zone.id, record.id));
      });
    } else if (tunnel !== undefined && record.content === tunnelAddress(tunnel.id)) {
      left.push(`the DNS record of ${hostname}, ${describeRecord(record)}, which Launch did not make`);
    }
  }
  return left;
}

async function removeRoutes(
  hostnames: readonly string[],
  { id }: Tunnel,
  { tunnels }: CloudflareSide,
  steps: Steps,
): Promise<TunnelConfiguration> {
  // Read again: what was read before is older than the deletion of the records.
  let { config } = await tunnels.configuration(id);
  const gone: string[] = [];
  for (const hostname of hostnames) {
    const without = withoutRoute(config, hostname);
    if (without.removed) gone.push(hostname);
    config = without.config;
  }
  if (gone.length === 0) return config;
  await steps.take(`took ${gone.join(', ')} out of the tunnel`, async () => {
    await tunnels.configure(id, config);
  });
  return config;
}

async function removeConnectors(
  request: TunnelRequest,
  place: TunnelPlace,
  steps: Steps,
  reporter: Reporter,
): Promise<void> {
  for (const connector of Object.values(connectorsHere(request, place, reporter))) {
    if (steps.isRehearsal) {
      const found = await connector.find();
      if (found !== undefined) steps.note(`removed ${found.name}`);
    } else {
      for (const what of await connector.remove()) steps.note(`removed ${what}`);
    }
  }
}

/** Returns what is left of the tunnel. */
async function removeItself(
  { confirm, name, signal }: TunnelRequest,
  { id }: Tunnel,
  { tunnels }: CloudflareSide,
  rest: TunnelConfiguration,
  steps: Steps,
): Promise<string[]> {
  const itself = `the tunnel ${name} (${id})`;
  if (!isUnused(rest)) {
    const others = routesOf(rest).map(({ hostname, service }) => `${hostname} (${service})`);
    const what = others.length === 0 ? 'requests for all hostnames' : others.join(', ');
    return [`${itself} and its cloudflared, because it leads ${what}`];
  }
  if (confirm === undefined)
    return [`${itself}: to delete it, type its name again as \`confirm\` (--confirm)`];
  const end = performance.now() + farewellMs;
  while (!steps.isRehearsal && (await tunnels.connectors(id)) > 0 && performance.now() < end) {
    await sleep(1000, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    if (signal?.aborted === true) break;
  }
  const connectors = await tunnels.connectors(id);
  if (connectors > 0 && !steps.isRehearsal) {
    return [
      `${itself}: ${connectors} cloudflared on other hosts ${connectors === 1 ? 'is' : 'are'} connected to it. Remove them there, then run it again`,
    ];
  }
  await steps.take(`deleted the tunnel ${name}`, async () => await unlessGone(tunnels.remove(id)));
  return [];
}

async function forget(
  { folder, known }: TunnelPlace,
  gone: readonly string[],
  isFree: boolean,
): Promise<void> {
  if (isFree) return await removeKnownTunnel(folder);
  const before = known.current();
  if (before === undefined) return;
  await known.update({ hostnames: before.hostnames.filter((hostname) => !gone.includes(hostname)) });
}

/** What somebody else has deleted meanwhile is gone, too. */
async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    // 81044: no such record; 1002 and 1003: no such tunnel.
    const isGone = [81_044, 1002, 1003].includes(cloudflareCodeOf(error) ?? 0);
    if (!isGone && cloudflareStatusOf(error) !== 404) throw error;
  }
}

function statusOf(steps: Steps, tunnel: Tunnel | undefined, left: readonly string[]) {
  if (steps.isRehearsal && steps.taken.length > 0) return 'planned';
  if (left.length > 0) return 'kept';
  return tunnel === undefined && steps.taken.length === 0 ? 'absent' : 'removed';
}
