import { isOurs, tunnelAddress } from '../../core/cloudflare/tunnel/dns-plan.ts';
import { type Route, routesOf } from '../../core/cloudflare/tunnel/ingress.ts';
import type { RouteStatus, TunnelResult, TunnelStatus } from '../../core/cloudflare/tunnel/result.ts';
import { checkHealth } from '../check-health.ts';
import { type Reporter, silentReporter } from '../reporter.ts';
import { type CloudflareSide, openCloudflare } from './cloudflare-side.ts';
import { connectorsHere, findConnector } from './connectors-here.ts';
import type { TunnelRequest } from './request.ts';
import { tunnelPlace } from './with-tunnel-lock.ts';

/** How long `/ready` is asked: it answers at once, or not at all. */
const readinessMs = 2000;

/**
 * How a tunnel stands: at Cloudflare, in DNS, and on this host. Changes nothing.
 *
 * @throws LaunchError API_AUTH, API_ERROR, TIMEOUT
 */
export async function tunnelStatus(request: TunnelRequest, reporter: Reporter): Promise<TunnelResult> {
  const { name } = request;
  const cloudflare = openCloudflare(request);
  const place = await tunnelPlace(request);
  const here = await findConnector(connectorsHere(request, place, reporter));
  const connector = here === undefined ? undefined : { kind: here.connector.kind, ...here.found };
  const outline = { operation: 'status', name, url: undefined, changes: [], left: [], connector } as const;
  const tunnel = await cloudflare.tunnels.find(name);
  if (tunnel === undefined) {
    const notices =
      here === undefined
        ? []
        : [`${here.found.name} is still on this host: \`launch tunnel remove\` takes it away.`];
    return {
      ...outline,
      status: 'absent',
      tunnelId: undefined,
      hostname: undefined,
      ready: false,
      notices,
      routes: [],
    };
  }
  const { config } = await cloudflare.tunnels.configuration(tunnel.id);
  const routes: RouteStatus[] = [];
  for (const route of routesOf(config)) {
    if (request.hostname !== undefined && route.hostname !== request.hostname) continue;
    routes.push({ ...route, dns: await dnsOfRoute(cloudflare, route, name, tunnel.id) });
  }
  const connectors = await cloudflare.tunnels.connectors(tunnel.id);
  const report =
    here === undefined
      ? undefined
      : await checkHealth([here.connector.readiness(readinessMs)], silentReporter, request.signal);
  return {
    ...outline,
    status: known(tunnel.status),
    tunnelId: tunnel.id,
    hostname: request.hostname,
    ready: report === undefined ? connectors > 0 : report.healthy && here?.found.isRunning === true,
    notices: tunnel.isRemote
      ? []
      : [`The tunnel ${name} is configured by a file on its host, not by Cloudflare.`],
    routes,
  };
}

async function dnsOfRoute(
  cloudflare: CloudflareSide,
  { hostname }: Route,
  tunnel: string,
  tunnelId: string,
): Promise<RouteStatus['dns']> {
  // Behind the hostname of a rule for a single path is that path.
  const [name = ''] = hostname.split('/');
  const zone = await cloudflare.zoneOf(name);
  if (zone === undefined) return 'unknown';
  const leading = (await cloudflare.dns.named(zone.id, name)).find(
    ({ type, content }) => type === 'CNAME' && content === tunnelAddress(tunnelId),
  );
  if (leading === undefined) return 'missing';
  return isOurs(leading, tunnel) ? 'launch' : 'other';
}

function known(status: string): TunnelStatus {
  return status === 'healthy' || status === 'degraded' || status === 'down' ? status : 'inactive';
}
