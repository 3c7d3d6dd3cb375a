import {
  isBound,
  type WorkerSettings,
  type WranglerConfig,
  workerSettings,
} from '../cloudflare/wrangler-config.ts';
import type { Problem, Severity } from '../problem.ts';
import type { ServiceSources } from './service-sources.ts';

/** A service's wrangler configuration, with what is around it. */
export interface WorkerSource {
  readonly service: ServiceSources;
  readonly config: WranglerConfig;
  /** Other wrangler configurations of the folder, which wrangler does not read. */
  readonly unread: readonly string[];
}

/**
 * The worker as each environment deploys it, and as the top does where that is meant to be deployed: where it has
 * bindings of its own, or nothing else has.
 */
export function deploymentsOf({ config }: WorkerSource): readonly WorkerSettings[] {
  const top = workerSettings(config);
  const environments = config.environments.map((name) => workerSettings(config, name));
  const isDeployed = isBound(top) || !environments.some(isBound);
  return isDeployed ? [top, ...environments] : environments;
}

/** A problem at a key of the configuration. */
export function atKey(
  { config, service }: WorkerSource,
  path: readonly PropertyKey[],
  rule: string,
  said: { readonly message: string; readonly remedy: string; readonly severity?: Severity },
): Problem {
  return {
    rule,
    severity: 'error',
    ...said,
    place: config.placeOf(path),
    service: service.name,
  };
}

/** How an environment is called in messages. */
export function environmentNoun({ environment }: WorkerSettings): string {
  return environment === undefined ? 'the top of the file' : `env.${environment}`;
}
