import type { DriverName } from '../config/fields.ts';
import type { LaunchFile } from '../config/launch-file.ts';
import { LaunchError } from '../errors.ts';
import { findTarget } from '../targets/target.ts';

/** Where a new service can go. */
export type TargetChoice =
  /** Where services go that name no target. */
  | { readonly kind: 'default'; readonly name: string | undefined }
  | { readonly kind: 'named'; readonly name: string }
  /** One of several; somebody has to say which. */
  | { readonly kind: 'open'; readonly names: readonly string[] }
  /** None is for this driver. */
  | { readonly kind: 'none' };

/**
 * @param wanted what the user said
 * @throws LaunchError TARGET_UNKNOWN; CONFIG_INVALID for one that is for another driver
 */
export function chooseTarget(
  config: LaunchFile,
  driver: DriverName,
  wanted: string | undefined,
): TargetChoice {
  const declared = Object.keys(config.targets);
  if (wanted !== undefined) {
    const target = findTarget(config, wanted, { file: '--target', isFile: false });
    if (suits(target.driver, driver)) return { kind: 'named', name: wanted };
    const others = declared.filter((name) => suits(config.targets[name]?.driver, driver));
    const guess = others.length === 0 ? '' : ` These are: ${others.join(', ')}.`;
    throw new LaunchError('CONFIG_INVALID', `The target "${wanted}" is not for the driver "${driver}".`, {
      remedy: `Name one that is.${guess}`,
    });
  }
  if (declared.length === 0)
    return driver === 'worker' ? { kind: 'none' } : { kind: 'default', name: undefined };
  const usual = config.defaults.target ?? (declared.length === 1 ? declared[0] : undefined);
  if (usual !== undefined && suits(config.targets[usual]?.driver, driver)) {
    return { kind: 'default', name: usual };
  }
  const names = declared.filter((name) => suits(config.targets[name]?.driver, driver));
  const [only] = names;
  if (only === undefined) return { kind: 'none' };
  return names.length === 1 ? { kind: 'named', name: only } : { kind: 'open', names };
}

/** A worker goes where nothing else does: its target names the driver. */
function suits(named: DriverName | undefined, driver: DriverName): boolean {
  return named === undefined ? driver !== 'worker' : named === driver;
}
