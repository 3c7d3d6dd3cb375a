import { type WorkerSettings, type WranglerConfig, workerSettings } from './wrangler-config.ts';

/** Every name under which a configuration deploys its worker: that of the top, and those of its environments. */
export function deployedNames(config: WranglerConfig): ReadonlySet<string> {
  return new Set(allSettings(config).flatMap(({ name }) => name ?? []));
}

/**
 * The other workers that a configuration binds, in any of its environments: they have to be there before it, or
 * Cloudflare refuses it.
 */
export function boundWorkers(config: WranglerConfig): ReadonlySet<string> {
  const own = deployedNames(config);
  const bound = allSettings(config).flatMap(({ services, durableObjects }) => [
    ...services.map(({ service, environment }) =>
      environment === undefined ? service : `${service}-${environment}`,
    ),
    ...durableObjects.flatMap(({ script_name }) => script_name ?? []),
  ]);
  return new Set(bound.filter((name) => !own.has(name)));
}

function allSettings(config: WranglerConfig): WorkerSettings[] {
  return [undefined, ...config.environments].map((environment) => workerSettings(config, environment));
}
