import type { DriverName } from '../config/fields.ts';
import type { LaunchFile, RunsOn } from '../config/launch-file.ts';
import { LaunchError, type Place } from '../errors.ts';
import { isName, printable } from '../names.ts';
import { nearest } from '../nearest.ts';

/** A place to deploy to. */
export interface Target {
  readonly name: string;
  /** Usable as a job's `runs-on` as it is. */
  readonly runsOn: RunsOn;
  readonly host?: string;
  readonly environment?: string;
  readonly secretPrefix?: string;
  readonly driver?: DriverName;
  readonly portRange?: string;
  readonly allowedPorts?: readonly number[];
}

/** Where a service's target was named. */
export type TargetSource = 'input' | 'service.yml' | 'target.txt' | 'defaults' | 'built-in';

/** What a repository that declares no target deploys to. */
export const builtInTarget: Target = { name: 'default', runsOn: 'self-hosted' };

export interface NamedTargets {
  readonly names: readonly [string, ...string[]];
  readonly source: TargetSource;
  readonly place: Place;
}

/** What each place says, in the order of precedence; the first that names a target decides. */
export function chooseTargets(rules: readonly (NamedTargets | undefined)[]): NamedTargets | undefined {
  return rules.find((rule) => rule !== undefined);
}

/** @throws LaunchError TARGET_UNKNOWN, with the nearest declared target. */
export function findTarget(config: LaunchFile, name: string, place: Place): Target {
  const declared = Object.keys(config.targets);
  const setting = Object.hasOwn(config.targets, name) ? config.targets[name] : undefined;
  if (setting !== undefined) {
    return {
      name,
      runsOn: setting['runs-on'],
      ...(setting.host === undefined ? {} : { host: setting.host }),
      ...(setting.environment === undefined ? {} : { environment: setting.environment }),
      ...(setting['secret-prefix'] === undefined ? {} : { secretPrefix: setting['secret-prefix'] }),
      ...(setting.driver === undefined ? {} : { driver: setting.driver }),
      ...(setting['port-range'] === undefined ? {} : { portRange: setting['port-range'] }),
      ...(setting['allowed-ports'] === undefined ? {} : { allowedPorts: setting['allowed-ports'] }),
    };
  }
  if (declared.length > 0) {
    const guess = nearest(name, declared);
    throw new LaunchError('TARGET_UNKNOWN', `There is no target "${printable(name)}".`, {
      place,
      remedy: `${guess === undefined ? '' : `Did you mean "${guess}"? `}Declared in launch.yml: ${declared.join(', ')}.`,
    });
  }
  if (!isName(name)) {
    throw new LaunchError('TARGET_UNKNOWN', `"${printable(name)}" is not a valid target name.`, {
      place,
      remedy: 'Use lower-case letters, digits and hyphens; it becomes a runner label.',
    });
  }
  return name === builtInTarget.name ? builtInTarget : { name, runsOn: ['self-hosted', name] };
}
