import type { ComposeModel } from './compose-model.ts';

/** A named volume as the engine has it. */
export interface FoundVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** A volume that is not what the compose file says. */
export interface ChangedVolume {
  readonly name: string;
  /** What differs, by the names that the compose file has for it; values may be secret. */
  readonly what: readonly string[];
}

/**
 * The volumes of the project that are there already, and of which the compose file now says something else. Compose
 * leaves them as they are when nobody is there to be asked: it can only make them anew, without their data.
 */
export function changedVolumes(model: ComposeModel, found: readonly FoundVolume[]): ChangedVolume[] {
  const declared = new Map(
    Object.entries(model.volumes ?? {}).map(([key, it]) => [it?.name ?? `${model.name}_${key}`, it ?? {}]),
  );
  return found.flatMap((volume) => {
    const setting = declared.get(volume.name);
    if (setting === undefined || isExternal(setting['external'])) return [];
    const driver = setting['driver'] ?? 'local';
    const what = [
      ...(driver === volume.driver ? [] : ['driver']),
      ...differing(recordOf(setting['driver_opts']), volume.options).map((name) => `driver_opts.${name}`),
      ...differing(recordOf(setting['labels']), own(volume.labels)).map((name) => `label ${name}`),
    ];
    return what.length === 0 ? [] : [{ name: volume.name, what }];
  });
}

/** Version 1 of compose says it with an object. */
function isExternal(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** Without those that compose itself gives to a volume. */
function own(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => !name.startsWith('com.docker.compose.')),
  );
}

function differing(wanted: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(is)]);
  return [...names].filter((name) => wanted[name] !== is[name]).sort();
}

function recordOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, String(it)]));
}
