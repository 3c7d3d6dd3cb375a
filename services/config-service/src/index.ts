import { WorkerEntrypoint } from 'cloudflare:workers';
import * as z from 'zod/mini';
import { health } from '../../shared/src/health.ts';
import { organisationId } from '../../shared/src/organisation.ts';
import { type Route, serve } from '../../shared/src/routing.ts';
import { administrationRoutes } from './administration-routes.ts';
import { authenticate } from './authentication.ts';
import type { Configuration } from './configuration.ts';
import { configurationRoutes } from './configuration-routes.ts';
import { readConfiguration } from './configuration-store.ts';
import type { ConfigurationService, Principal } from './contract.ts';
import type { Env } from './env.ts';

/** For other workers of the account, by a service binding. */
export class Configurations extends WorkerEntrypoint<Env> implements ConfigurationService {
  async authenticate(key: string): Promise<Principal | undefined> {
    return await authenticate(this.env, z.parse(z.string().check(z.maxLength(512)), key));
  }

  async configuration(organisation: string): Promise<Configuration> {
    const stored = await readConfiguration(this.env, z.parse(organisationId, organisation));
    return stored?.value ?? {};
  }

  async ping(): Promise<'ok'> {
    await pingDatabase(this.env);
    return 'ok';
  }
}

const routes: readonly Route<Env>[] = [
  {
    path: '/health',
    methods: {
      GET: (_request, env) =>
        health({ database: () => pingDatabase(env), cache: () => env.CONFIG_CACHE.get('health') }),
    },
  },
  ...configurationRoutes,
  ...administrationRoutes,
];

export default {
  async fetch(request, env): Promise<Response> {
    return await serve(routes, request, env);
  },
} satisfies ExportedHandler<Env>;

/** Rejects as well while the migrations have not been applied. */
async function pingDatabase(env: Env): Promise<void> {
  await env.DB.prepare(
    'SELECT EXISTS (SELECT 1 FROM instances), EXISTS (SELECT 1 FROM configurations)',
  ).first();
}
