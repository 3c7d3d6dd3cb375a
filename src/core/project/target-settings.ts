import type { DriverName } from '../config/fields.ts';
import type { ServiceFile, TargetOverride } from '../config/service-file.ts';
import { LaunchError, type Place } from '../errors.ts';

/** The settings of a service as they hold on one of its targets. */
export interface TargetSettings extends ServiceFile {
  /** Compose service → what it publishes there; absent where its compose file alone says. */
  readonly ports?: NonNullable<TargetOverride['ports']>;
}

/** The names under `targets`, in the order in which they are written. */
export function targetsIn({ targets, target }: ServiceFile): readonly string[] {
  if (targets === undefined) return target === undefined ? [] : [target];
  return Array.isArray(targets) ? targets : Object.keys(targets);
}

/** What `targets` says of one target; undefined where it only names targets, or does not name this one. */
export function overrideOf({ targets }: ServiceFile, target: string): TargetOverride | undefined {
  if (targets === undefined || Array.isArray(targets)) return undefined;
  // A target may be called "constructor".
  return Object.hasOwn(targets, target) ? (targets[target] ?? undefined) : undefined;
}

/** `env` is merged key by key, everything else replaces what the service says. */
export function settingsOn(settings: ServiceFile, target: string): TargetSettings {
  const override = overrideOf(settings, target);
  if (override === undefined) return settings;
  const said = Object.entries(override).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(said), env: { ...settings.env, ...override.env } };
}

/** The variables that `env` sets on any target. */
export function envNames({ env, targets = [] }: ServiceFile): Set<string> {
  const overrides = Array.isArray(targets) ? [] : Object.values(targets);
  return new Set([env, ...overrides.map((it) => it?.env ?? {})].flatMap((it) => Object.keys(it)));
}

type OverrideKey = keyof TargetOverride;

/** What each driver can do differently from one target to the next. */
const takenBy: Readonly<Record<DriverName, readonly OverrideKey[]>> = {
  compose: ['env', 'health', 'url', 'route', 'ports', 'strategy', 'steady', 'drain'],
  script: ['env', 'health', 'url', 'steady'],
  worker: ['env', 'health', 'url'],
};

/** The keys of an override that mean nothing to the driver; none where all is well. */
export function meaninglessKeys(override: TargetOverride | undefined, driver: DriverName): OverrideKey[] {
  const keys = Object.keys(override ?? {}) as OverrideKey[];
  return keys.filter((key) => override?.[key] !== undefined && !takenBy[driver].includes(key));
}

/** The error for a key that means nothing there. */
export function noMeaning(
  key: OverrideKey,
  { target, driver }: { readonly target: string; readonly driver: DriverName },
  place: Place,
): LaunchError {
  return new LaunchError(
    'CONFIG_INVALID',
    `\`${key}\` has no meaning for the target "${target}", where the service is deployed as "${driver}".`,
    {
      place,
      remedy: `Remove it. What can differ there: ${takenBy[driver].join(', ')}.`,
    },
  );
}
