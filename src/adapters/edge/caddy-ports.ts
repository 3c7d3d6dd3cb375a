import * as z from 'zod/mini';
import { collide } from '../../core/deploy/port-holders.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { holderOf, listeners } from '../host/listeners.ts';
import { type PortSettings, type ServerName, servers } from './caddy-routes.ts';

const httpApp = z.looseObject({
  servers: z.optional(
    z.nullable(z.record(z.string(), z.looseObject({ listen: z.optional(z.array(z.string())) }))),
  ),
});

/**
 * Refuses a server whose port somebody else holds. Caddy refuses it as well, but then it has opened the ports of its
 * other servers anew already, and goes on answering there with the configuration of that moment, for ever.
 *
 * @param app what Caddy's `/config/apps/http` says; undefined where it says nothing
 * @throws LaunchError PORT_IN_USE naming who
 */
export async function assertPortFree(
  server: ServerName,
  { http, https, bind }: PortSettings,
  app: unknown,
): Promise<void> {
  const port = server === servers.tls ? https : http;
  if (isCaddysOwn(port, app)) return;
  const wanted = { port, protocol: 'tcp', address: bind };
  const found = (await listeners()).find((it) => collide(it, wanted));
  if (found === undefined) return;
  const holder = (await holderOf(found.inode)) ?? 'a process of another user';
  throw new LaunchError(
    'PORT_IN_USE',
    `The port ${port} of the edge proxy is in use by ${printable(holder, 200)}.`,
    {
      remedy:
        'What the proxy served before, it still serves. Stop what holds the port, or give the proxy other ports with `launch edge up`.',
    },
  );
}

/** It listens there for another server, or to send plain requests on to TLS. */
function isCaddysOwn(port: number, app: unknown): boolean {
  const parsed = z.safeParse(httpApp, app);
  const all = Object.entries((parsed.success ? parsed.data.servers : undefined) ?? {});
  return all.some(
    ([name, { listen = [] }]) =>
      name === servers.tls || listen.some((address) => address.endsWith(`:${port}`)),
  );
}
