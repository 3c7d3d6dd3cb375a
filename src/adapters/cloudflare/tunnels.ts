import * as z from 'zod/mini';
import { type TunnelConfiguration, tunnelConfiguration } from '../../core/cloudflare/tunnel/ingress.ts';
import { LaunchError } from '../../core/errors.ts';
import type { CloudflareClient } from './api.ts';
import { apiPath } from './api-path.ts';
import { readResult } from './result.ts';

const tunnel = z.object({
  id: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
  name: z.string(),
  status: z.nullish(z.string()),
  config_src: z.nullish(z.string()),
  remote_config: z.nullish(z.boolean()),
});

const configuration = z.object({
  version: z.nullish(z.number()),
  config: z.nullish(tunnelConfiguration),
});

export interface Tunnel {
  readonly id: string;
  readonly name: string;
  /** `inactive`, `healthy`, `degraded` or `down`, as Cloudflare sees it. */
  readonly status: string;
  /** Whether Cloudflare keeps its configuration, and not a file on some host. */
  readonly isRemote: boolean;
}

export interface ConfigurationVersion {
  readonly config: TunnelConfiguration;
  /** Counts the configurations; undefined where the API does not say. */
  readonly version: number | undefined;
}

/** The Cloudflare tunnels of an account. Each call throws what `CloudflareClient.request` throws. */
export interface Tunnels {
  /** By its exact name; undefined when there is none. */
  find(name: string): Promise<Tunnel | undefined>;
  create(name: string): Promise<Tunnel>;
  configuration(id: string): Promise<ConfigurationVersion>;
  configure(id: string, config: TunnelConfiguration): Promise<ConfigurationVersion>;
  /** What a connector proves itself with: a secret. */
  token(id: string): Promise<string>;
  /** How many connectors are connected. */
  connectors(id: string): Promise<number>;
  remove(id: string): Promise<void>;
}

export function tunnelsOf(client: CloudflareClient): Tunnels {
  const base = `${client.account}/cfd_tunnel`;
  const toTunnel = (value: unknown): Tunnel => {
    const found = readResult(tunnel, value, base);
    const isRemote =
      found.config_src === undefined ? found.remote_config === true : found.config_src === 'cloudflare';
    return { id: found.id, name: found.name, status: found.status ?? 'inactive', isRemote };
  };
  const toConfiguration = (value: unknown): ConfigurationVersion => {
    const { config, version } = readResult(configuration, value, `${base}/…/configurations`);
    return { config: config ?? {}, version: version ?? undefined };
  };
  return {
    async find(name) {
      for await (const item of client.list(base, { query: { name, is_deleted: false } })) {
        const found = toTunnel(item);
        if (found.name === name) return found;
      }
      return undefined;
    },
    async create(name) {
      return toTunnel(await client.request('POST', base, { body: { name, config_src: 'cloudflare' } }));
    },
    async configuration(id) {
      return toConfiguration(await client.request('GET', `${base}${apiPath`/${id}/configurations`}`));
    },
    async configure(id, config) {
      const path = `${base}${apiPath`/${id}/configurations`}`;
      return toConfiguration(await client.request('PUT', path, { body: { config } }));
    },
    async token(id) {
      const token = await client.request('GET', `${base}${apiPath`/${id}/token`}`);
      // Its form is checked, because it becomes a file that cloudflared reads.
      if (typeof token === 'string' && /^[A-Za-z0-9+/=_-]{20,4096}$/.test(token)) return token;
      throw new LaunchError('API_ERROR', "Cloudflare's answer for the token of the tunnel holds none.", {
        remedy: 'Run it again; if it stays so, please report it.',
      });
    },
    async connectors(id) {
      const path = `${base}${apiPath`/${id}/connections`}`;
      const answer = await client.request('GET', path);
      return readResult(z.nullable(z.array(z.unknown())), answer, path)?.length ?? 0;
    },
    async remove(id) {
      await client.request('DELETE', `${base}${apiPath`/${id}`}`);
    },
  };
}
