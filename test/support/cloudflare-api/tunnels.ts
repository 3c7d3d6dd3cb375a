// Tunnels that Cloudflare manages: their configuration, token and connections.
import { randomBytes, randomUUID } from 'node:crypto';
import {
  type CloudflareRequest,
  fields,
  Malformed,
  ok,
  page,
  Refused,
  type Routes,
  record,
  text,
} from './envelope.ts';

export interface FakeTunnel {
  readonly id: string;
  readonly name: string;
  readonly configSource: 'cloudflare' | 'local';
  secret: string;
  /** Undefined until one was put. */
  config: Record<string, unknown> | undefined;
  version: number;
  /** How many connectors are connected. */
  connectors: number;
  deletedAt: string | undefined;
}

export interface TunnelState {
  readonly tunnels: FakeTunnel[];
  /** A tunnel that was there before. */
  add(tunnel: Partial<FakeTunnel> & { readonly name: string }): FakeTunnel;
  /** Those that are not deleted. */
  live(): FakeTunnel[];
  /** What cloudflared would be given. */
  tokenOf(tunnel: FakeTunnel): string;
  /** What a new tunnel's secret is, in plain; by default random. */
  nextSecret: string | undefined;
}

export function tunnelState(accountId: string): TunnelState {
  const tunnels: FakeTunnel[] = [];
  const state: TunnelState = {
    tunnels,
    nextSecret: undefined,
    add(given) {
      const tunnel: FakeTunnel = {
        id: randomUUID(),
        configSource: 'cloudflare',
        secret: Buffer.from(state.nextSecret ?? randomBytes(32)).toString('base64'),
        config: undefined,
        version: -1,
        connectors: 0,
        deletedAt: undefined,
        ...given,
      };
      tunnels.push(tunnel);
      return tunnel;
    },
    live: () => tunnels.filter(({ deletedAt }) => deletedAt === undefined),
    tokenOf: ({ id, secret }) =>
      Buffer.from(JSON.stringify({ a: accountId, t: id, s: secret })).toString('base64'),
  };
  return state;
}

export function tunnelRoutes(state: TunnelState): Routes {
  const base = '/accounts/:account/cfd_tunnel';
  const find = ({ params }: CloudflareRequest): FakeTunnel => {
    const found = state.live().find(({ id }) => id === params['id']);
    // (the code unverified)
    if (found === undefined) throw new Refused(404, 1002, 'Tunnel not found');
    return found;
  };
  const shown = (tunnel: FakeTunnel, accountId = '') => ({
    id: tunnel.id,
    account_tag: accountId,
    name: tunnel.name,
    created_at: '2026-01-01T00:00:00.000000Z',
    deleted_at: tunnel.deletedAt ?? null,
    // Announced to be always empty; the connections have a route of their own.
    connections: [],
    status: tunnel.connectors > 0 ? 'healthy' : 'inactive',
    remote_config: tunnel.configSource === 'cloudflare',
    config_src: tunnel.configSource,
    tun_type: 'cfd_tunnel',
    metadata: {},
  });
  const account = ({ params }: CloudflareRequest) => params['account'];
  const shownConfig = (tunnel: FakeTunnel) => ({
    tunnel_id: tunnel.id,
    version: tunnel.version,
    config: tunnel.config ?? null,
    source: tunnel.configSource,
  });
  return {
    [`GET ${base}`]: (request) => {
      const { name, is_deleted: deleted } = request.query;
      onlyQuery(request, ['name', 'is_deleted', 'page', 'per_page']);
      const found = state.tunnels
        .filter((it) => deleted === undefined || (it.deletedAt !== undefined) === (deleted === 'true'))
        .filter((it) => name === undefined || it.name === name);
      return page(
        found.map((it) => shown(it, account(request))),
        request,
        { least: 1, most: 1000, usual: 20 },
      );
    },
    [`POST ${base}`]: (request) => {
      const given = fields(request, ['name', 'config_src', 'tunnel_secret']);
      const name = text(given['name'], 'name');
      if (given['config_src'] !== 'cloudflare') throw new Malformed('config_src is not "cloudflare"');
      if (state.live().some((it) => it.name === name)) {
        // (as cloudflared's users report it)
        throw new Refused(409, 1013, 'You already have a tunnel with this name');
      }
      const tunnel = state.add({ name });
      return ok({
        ...shown(tunnel, account(request)),
        credentials_file: { AccountTag: account(request), TunnelID: tunnel.id, TunnelSecret: tunnel.secret },
        token: state.tokenOf(tunnel),
      });
    },
    [`GET ${base}/:id`]: (request) => ok(shown(find(request), account(request))),
    [`DELETE ${base}/:id`]: (request) => {
      const tunnel = find(request);
      // (the code as its users report it)
      if (tunnel.connectors > 0) throw new Refused(400, 1022, 'Cannot delete tunnel: active connections');
      tunnel.deletedAt = new Date().toISOString();
      return ok(shown(tunnel, account(request)));
    },
    [`GET ${base}/:id/token`]: (request) => ok(state.tokenOf(find(request))),
    [`GET ${base}/:id/connections`]: (request) =>
      ok(
        Array.from({ length: find(request).connectors }, () => ({
          id: randomUUID(),
          version: '2026.7.3',
          arch: 'linux_amd64',
          config_version: 1,
          conns: [{ colo_name: 'FRA01', id: randomUUID(), is_pending_reconnect: false }],
        })),
      ),
    [`GET ${base}/:id/configurations`]: (request) => ok(shownConfig(find(request))),
    [`PUT ${base}/:id/configurations`]: (request) => {
      const tunnel = find(request);
      const config = record(fields(request, ['config'])['config'], 'config');
      checkIngress(config);
      tunnel.config = config;
      tunnel.version += 1;
      return ok(shownConfig(tunnel));
    },
  };
}

/** What Cloudflare and cloudflared ask of the rules. */
function checkIngress(config: Record<string, unknown>): void {
  const rules: unknown = config['ingress'];
  if (!Array.isArray(rules) || rules.length === 0) throw new Malformed('config.ingress is no list of rules');
  for (const [at, item] of rules.entries()) {
    const rule = record(item, `ingress rule ${at}`);
    const service = text(rule['service'], `service of ingress rule ${at}`);
    if (!/^(https?|tcp|ssh|rdp|smb):\/\/[^/?#@]+$|^unix(\+tls)?:\/|^http_status:\d{3}$/.test(service)) {
      throw new Malformed(`${service} is an invalid address`);
    }
    const isLast = at === rules.length - 1;
    const matchesAll = !rule['hostname'] && !rule['path'];
    if (isLast !== matchesAll) {
      throw new Malformed(
        isLast ? 'The last ingress rule must match all URLs' : `Rule #${at + 1} matches all URLs`,
      );
    }
  }
}

export function onlyQuery({ query, path }: CloudflareRequest, known: readonly string[]): void {
  const unknown = Object.keys(query).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Malformed(`${path}: unknown parameters ${unknown.join(', ')}`);
}
