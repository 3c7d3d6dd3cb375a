import type { WorkerSettings, WranglerConfig } from './wrangler-config.ts';

/** Why only `wrangler deploy` can do it, which gives the new version all traffic at once; undefined where it need not. */
export function wholeBecause(
  config: WranglerConfig,
  settings: WorkerSettings,
  live: { readonly migrationTag: string | undefined } | undefined,
): string | undefined {
  if (live === undefined) return 'it is the first deployment of the worker';
  const newest = settings.migrations.at(-1)?.tag;
  if (newest !== undefined && newest !== live.migrationTag) return 'a Durable Object migration goes with it';
  const { top, own } = scopes(config, settings.environment);
  if (isFilled(own['containers'] ?? top['containers'])) return 'containers go with it';
  if (isFilled(own['exports'] ?? top['exports'])) return 'exported Durable Objects go with it';
  if (own['site'] !== undefined || top['site'] !== undefined) return 'a Workers Site goes with it';
  return undefined;
}

/** Whether the configuration says anything of what leads requests and events to the worker, but for its own address. */
export function hasTriggers(config: WranglerConfig, settings: WorkerSettings, isCopy: boolean): boolean {
  const { top, own } = scopes(config, settings.environment);
  const crons = part(own['triggers'] ?? top['triggers'], 'crons');
  return (
    (settings.routes.length > 0 && !isCopy) ||
    // An empty list takes the schedules away.
    crons !== undefined ||
    // These an environment does not inherit.
    isFilled(part(own['queues'], 'consumers')) ||
    isFilled(own['workflows'])
  );
}

/** What of a worker's settings belongs to no version; as `wrangler deploy` sends it. */
export function unversionedSettings(
  config: WranglerConfig,
  environment: string | undefined,
): Readonly<Record<string, unknown>> {
  const { top, own } = scopes(config, environment);
  const inherited = (key: string) => own[key] ?? top[key];
  const logpush = inherited('logpush');
  const consumers = own['tail_consumers'];
  return {
    ...(logpush === undefined ? {} : { logpush }),
    ...(consumers === undefined ? {} : { tail_consumers: consumers }),
    observability: inherited('observability') ?? { enabled: false },
  };
}

type Scope = Readonly<Record<string, unknown>>;

function scopes(
  { settings }: WranglerConfig,
  environment: string | undefined,
): { readonly top: Scope; readonly own: Scope } {
  const own = environment === undefined ? settings : (settings.env?.[environment] ?? {});
  return { top: settings, own };
}

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
