import type { Zone } from '../../adapters/cloudflare/dns.ts';
import type { Tunnel } from '../../adapters/cloudflare/tunnels.ts';
import { isLoopback, type Origin } from '../../core/cloudflare/tunnel/origin.ts';
import type { TunnelResult } from '../../core/cloudflare/tunnel/result.ts';
import { LaunchError } from '../../core/errors.ts';
import { describeOutcome } from '../../core/health/report.ts';
import { checkHealth } from '../check-health.ts';
import type { Reporter } from '../reporter.ts';
import { type CloudflareSide, findTunnel, makeTunnel, openCloudflare, zoneFor } from './cloudflare-side.ts';
import { connectorsHere, lastLinesOf } from './connectors-here.ts';
import { leadHostname } from './lead-hostname.ts';
import { leadName, type NamedRecord, planName } from './lead-name.ts';
import type { TunnelRequest } from './request.ts';
import { type Steps, stepsOf } from './steps.ts';
import { type TunnelPlace, tunnelPlace, withTunnelLock } from './with-tunnel-lock.ts';

/** A request of which it is known what it asks for. */
interface Wanted extends TunnelRequest {
  readonly hostname: string;
  readonly origin: Origin;
}

/**
 * Has a hostname lead through a tunnel to a service: the tunnel, its rule, cloudflared on this host, and last, once
 * that is connected, the DNS record. What is right already is left alone; whatever ends a run half-way, the next one
 * goes on from there. Not being connected in time is a result.
 *
 * @throws LaunchError CONFIG_INVALID (a name that is somebody else's), API_AUTH, API_ERROR, TIMEOUT, LOCK_HELD,
 *   ENGINE_UNAVAILABLE, DEPLOY_FAILED, DISK_FULL, PORT_IN_USE, CANCELLED
 */
export async function ensureTunnel(request: TunnelRequest, reporter: Reporter): Promise<TunnelResult> {
  const wanted = assertWhole(request);
  const cloudflare = openCloudflare(request);
  if (request.dryRun) return await ensure(wanted, cloudflare, await tunnelPlace(request), reporter);
  return await withTunnelLock(
    request,
    reporter,
    async (place) => await ensure(wanted, cloudflare, place, reporter),
  );
}

async function ensure(
  request: Wanted,
  cloudflare: CloudflareSide,
  place: TunnelPlace,
  reporter: Reporter,
): Promise<TunnelResult> {
  const steps = stepsOf(request.dryRun, reporter);
  const zone = await zoneFor(cloudflare, request.hostname, request);
  const found = await findTunnel(cloudflare, request.name);
  // Before anything changes: a name that can't be had would leave a tunnel without one.
  await planName(cloudflare, nameOf(request, zone, found));

  const tunnel = found ?? (await make(request, cloudflare, steps));
  if (tunnel === undefined) return rehearsed(request, steps);
  if (!steps.isRehearsal) await remember(place, tunnel, request);
  await leadHostname(cloudflare, tunnel.id, routeOf(request), steps, reporter);
  const connection = await connect(request, tunnel, cloudflare, place, steps, reporter);
  let isTheirs = false;
  if (connection.failure === undefined) {
    // Whoever wrote the configuration meanwhile may have read it before the rule was in it.
    if (!steps.isRehearsal) await leadHostname(cloudflare, tunnel.id, routeOf(request), steps, reporter);
    isTheirs = (await leadName(cloudflare, nameOf(request, zone, tunnel), steps)).kind === 'theirs';
  }
  const notices = [...zoneNotices(zone), ...connection.notices, ...(isTheirs ? [theirsNotice(request)] : [])];
  for (const notice of notices) reporter.warning(notice);
  if (steps.taken.length === 0) reporter.info('Nothing had to be changed.');
  return {
    ...outlineOf(request),
    status: statusOf(connection, found, steps),
    tunnelId: tunnel.id,
    ready: connection.ready,
    changes: steps.taken,
    notices,
    routes:
      connection.failure === undefined ? [{ ...routeOf(request), dns: isTheirs ? 'other' : 'launch' }] : [],
    connector: connection.connector,
    ...(connection.failure === undefined ? {} : { failure: connection.failure }),
  };
}

async function make({ name }: Wanted, cloudflare: CloudflareSide, steps: Steps): Promise<Tunnel | undefined> {
  let made: Tunnel | undefined;
  await steps.take(`made the tunnel ${name}`, async () => {
    made = await makeTunnel(cloudflare, name);
  });
  return made;
}

async function remember(
  { known }: TunnelPlace,
  { id }: Tunnel,
  { hostname, accountId }: Wanted,
): Promise<void> {
  const before = known.current();
  // Of a tunnel that was deleted by hand nothing holds for the new one of its name.
  const isSame = before?.id === id;
  const hostnames = isSame ? before.hostnames : [];
  await known.update({ id, account: accountId, hostnames: [...new Set([...hostnames, hostname])].sort() });
}

interface Connection extends Pick<TunnelResult, 'ready' | 'connector' | 'notices' | 'failure'> {}

/** Has cloudflared run here, and waits until it is connected. */
async function connect(
  request: Wanted,
  tunnel: Tunnel,
  cloudflare: CloudflareSide,
  place: TunnelPlace,
  steps: Steps,
  reporter: Reporter,
): Promise<Connection> {
  const { runAs, hostname, timeoutMs, signal } = request;
  if (runAs === 'none' || steps.isRehearsal) {
    const connectors = await cloudflare.tunnels.connectors(tunnel.id);
    if (runAs !== 'none') steps.note(`seen to it that cloudflared runs here (${runAs})`);
    const isAlone = runAs === 'none' && connectors === 0;
    return {
      ready: connectors > 0,
      connector: undefined,
      notices: isAlone
        ? [`No cloudflared is connected to the tunnel: ${hostname} answers with an error (1033).`]
        : [],
    };
  }
  const connectors = connectorsHere(request, place, reporter);
  const connector = connectors[runAs];
  const token = await cloudflare.tunnels.token(tunnel.id);
  request.onSecrets([token]);
  for (const change of await connector.apply(token)) steps.note(`${change} (${runAs})`);
  const report = await checkHealth([connector.readiness(timeoutMs)], reporter, signal);
  const found = await connector.find();
  const here = found === undefined ? undefined : { kind: runAs, ...found };
  if (!report.healthy || found?.isRunning !== true) {
    const [outcome] = report.checks;
    const why = report.healthy || outcome === undefined ? 'it does not run' : describeOutcome(outcome);
    return {
      ready: false,
      connector: here,
      notices: [],
      failure: {
        code: 'HEALTH_FAILED',
        reason: `cloudflared is not connected to Cloudflare: ${why}.`,
        remedy: `The DNS record of ${hostname} was left as it is. cloudflared goes on trying: let it out to port 7844 (TCP and UDP) of Cloudflare, then run it again.`,
        lines: await lastLinesOf(connector, token),
      },
    };
  }
  const other = connectors[runAs === 'compose' ? 'systemd' : 'compose'];
  if ((await other.find()) !== undefined) {
    for (const gone of await other.remove()) steps.note(`removed ${gone}, which ${runAs} replaces`);
    await place.known.update({ runAs });
  }
  return { ready: true, connector: here, notices: [] };
}

function assertWhole(request: TunnelRequest): Wanted {
  const { hostname, origin, network, runAs } = request;
  if (hostname === undefined || origin === undefined) {
    const missing = hostname === undefined ? 'hostname' : 'service';
    throw new LaunchError(
      'CONFIG_INVALID',
      `\`${missing}\` is missing: what is to lead through the tunnel.`,
      {
        remedy: 'Give `hostname`, such as chat.example.org, and `service`, such as http://127.0.0.1:3080.',
      },
    );
  }
  if (runAs === 'compose' && network !== undefined && isLoopback(origin)) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `On the network ${network}, ${origin.service} is cloudflared's own container.`,
      {
        remedy:
          'Name the service as it is called on that network, such as http://web:80, or leave `network` out.',
      },
    );
  }
  return { ...request, hostname, origin };
}

function routeOf({ hostname, origin }: Wanted) {
  return { hostname, service: origin.service };
}

function nameOf(request: Wanted, zone: Zone, tunnel: Tunnel | undefined): NamedRecord {
  const { hostname, name, overwriteDns } = request;
  return { hostname, zone, tunnel: name, tunnelId: tunnel?.id, overwrite: overwriteDns };
}

function zoneNotices({ name, status }: Zone): string[] {
  return status === 'active'
    ? []
    : [
        `The zone ${name} is ${status}: nobody finds its names until its domain uses Cloudflare's name servers.`,
      ];
}

function theirsNotice({ hostname }: Wanted): string {
  return `The DNS record of ${hostname} leads to the tunnel already, and Launch did not make it: it stays when the tunnel is removed.`;
}

function statusOf({ failure }: Connection, found: Tunnel | undefined, { isRehearsal, taken }: Steps) {
  if (failure !== undefined) return 'failed';
  if (taken.length === 0) return 'unchanged';
  if (isRehearsal) return 'planned';
  return found === undefined ? 'created' : 'updated';
}

/** Of a tunnel that is not there, all is to be made. */
function rehearsed(request: Wanted, steps: Steps): TunnelResult {
  const { hostname, origin, runAs } = request;
  steps.note(`led ${hostname} to ${origin.service}`);
  if (runAs !== 'none') steps.note(`seen to it that cloudflared runs here (${runAs})`);
  steps.note(`made the DNS record of ${hostname}`);
  return {
    ...outlineOf(request),
    status: 'planned',
    tunnelId: undefined,
    ready: false,
    changes: steps.taken,
  };
}

function outlineOf({ name, hostname, origin }: Wanted) {
  const isSite = origin.isWeb && !hostname.startsWith('*.');
  return {
    operation: 'ensure',
    name,
    hostname,
    url: isSite ? `https://${hostname}` : undefined,
    left: [],
    notices: [],
    routes: [],
    connector: undefined,
  } as const;
}
