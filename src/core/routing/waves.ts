import { LaunchError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';

/** A service and the services that have to be deployed before it. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** The file that says so, for errors. */
  readonly file: string;
}

/** A workflow has a job per wave, written out; this many of them. */
export const maxWaves = 5;

/**
 * The `selected` services in waves: each as early as it can be, but after every selected service it depends
 * on, also through services that are not selected. Names in a wave are sorted.
 *
 * @throws LaunchError CONFIG_INVALID for a cycle (named), an unknown dependency, or more than five waves.
 */
export function orderIntoWaves(all: readonly Dependent[], selected: readonly string[]): string[][] {
  const byName = new Map(all.map((service) => [service.name, service]));
  assertKnown(all, byName);
  assertNoCycle(all, byName);
  const chosen = new Set(selected);
  const level = new Map<string, number>();
  // The level of a service that is not selected is that of the selected ones below it.
  const levelOf = (name: string): number => {
    const known = level.get(name);
    if (known !== undefined) return known;
    let highest = 0;
    for (const dependency of byName.get(name)?.dependsOn ?? []) {
      highest = Math.max(highest, levelOf(dependency) + (chosen.has(dependency) ? 1 : 0));
    }
    level.set(name, highest);
    return highest;
  };
  const waves: string[][] = [];
  for (const name of chosen) {
    const wave = waves[levelOf(name)] ?? [];
    waves[levelOf(name)] = wave;
    wave.push(name);
  }
  if (waves.length > maxWaves) {
    const deepest = waves.at(-1)?.[0] ?? '';
    throw new LaunchError(
      'CONFIG_INVALID',
      `The depends-on of "${deepest}" is ${waves.length} services deep.`,
      {
        place: { file: byName.get(deepest)?.file ?? 'launch.yml' },
        remedy: `A workflow deploys in at most ${maxWaves} waves. Drop a dependency that is not needed for starting.`,
      },
    );
  }
  return waves.map((wave) => wave.sort());
}

function assertKnown(all: readonly Dependent[], byName: ReadonlyMap<string, Dependent>): void {
  for (const service of all) {
    for (const dependency of service.dependsOn) {
      if (byName.has(dependency)) continue;
      throw new LaunchError(
        'CONFIG_INVALID',
        `"${service.name}" depends on "${dependency}", which is no service.`,
        {
          place: { file: service.file },
          remedy: didYouMean(dependency, [...byName.keys()]),
        },
      );
    }
  }
}

function assertNoCycle(all: readonly Dependent[], byName: ReadonlyMap<string, Dependent>): void {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (done.has(name)) return;
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = [...trail.slice(start), name];
      throw new LaunchError(
        'CONFIG_INVALID',
        `The services depend on each other in a circle: ${cycle.join(' → ')}.`,
        {
          place: { file: byName.get(name)?.file ?? 'launch.yml' },
          remedy: 'Remove one of these depends-on entries.',
        },
      );
    }
    for (const dependency of byName.get(name)?.dependsOn ?? []) visit(dependency, [...trail, name]);
    done.add(name);
  };
  for (const service of all) visit(service.name, []);
}
