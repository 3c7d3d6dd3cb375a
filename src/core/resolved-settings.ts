import type { LaunchFile } from './config/launch-file.ts';
import type { Placement } from './project/service.ts';

/** JSON with sorted keys and without undefined ones; lone surrogates are escaped by JSON itself. */
export function canonical(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value,
  );
}

/**
 * The settings that make a difference to what runs on a target. Left out is what only says when and whether
 * to deploy (`enabled`, `depends-on`, `on-delete`, `ignore`) and what is resolved into something else here
 * (`target`, `driver`) or into content (`inputs`).
 */
export function settingsOf(config: LaunchFile, placement: Placement): unknown {
  const { settings } = placement;
  return {
    driver: placement.driver,
    target: placement.target,
    // A worker is not pulled from a registry.
    registries: placement.driver === 'worker' ? [] : config.registries,
    strategy: settings.strategy,
    drain: settings.drain,
    steady: settings.steady,
    stateful: settings.stateful,
    route: settings.route,
    ports: settings.ports,
    secrets: settings.secrets,
    env: settings.env,
    health: settings.health,
    hooks: settings.hooks,
  };
}
