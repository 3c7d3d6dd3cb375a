import type { WorkerSettings } from '../cloudflare/wrangler-config.ts';
import { LaunchError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { type Dependent, orderIntoWaves } from '../routing/waves.ts';
import type { Instance } from './instance.ts';
import { copyName } from './instance-names.ts';

/** A worker of the repository, of which instances have copies. */
export interface SourceWorker {
  /** The service whose worker it is. */
  readonly service: string;
  /** The name at the top of its configuration: the first part of its copies' names. */
  readonly name: string;
  /** As the instance's environment has it. */
  readonly settings: WorkerSettings;
  /** Every name under which the repository itself deploys it. */
  readonly deployedAs: readonly string[];
  /** The names of the secrets that it declares. */
  readonly secrets: readonly string[];
  /** Services that are deployed before it. */
  readonly dependsOn: readonly string[];
  /** Its configuration, for messages. */
  readonly file: string;
}

export interface InstanceWorker<Source extends SourceWorker = SourceWorker> {
  readonly source: Source;
  /** The name of the copy at Cloudflare. */
  readonly copy: string;
}

/**
 * The copies that an instance has, in waves: what others are bound to comes first.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, or CONFIG_INVALID when a copy would take another worker's name
 */
export function instanceWorkers<Source extends SourceWorker>(
  instance: Instance,
  sources: readonly Source[],
): readonly (readonly InstanceWorker<Source>[])[] {
  const chosen =
    instance.workers === undefined ? sources : instance.workers.map((name) => find(sources, name, instance));
  if (chosen.length === 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `There are no workers of which "${instance.id}" could have copies.`,
      {
        place: { file: instance.file },
        remedy: 'A worker is a service folder with a wrangler configuration (wrangler.jsonc).',
      },
    );
  }
  const copies = new Map(
    [...new Set(chosen)].map((source) => [source.service, { source, copy: copyName(source.name, instance) }]),
  );
  assertNamesAreFree(instance, sources, [...copies.values()]);
  const waves = orderIntoWaves(dependents(chosen), [...copies.keys()]);
  return waves.map((names) => names.flatMap((name) => copies.get(name) ?? []));
}

/** By its name in a configuration, the copy of a worker that this instance has. */
export function copiesByName(workers: readonly InstanceWorker[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    workers.flatMap(({ source, copy }) => source.deployedAs.map((name) => [name, copy] as const)),
  );
}

function find<Source extends SourceWorker>(
  sources: readonly Source[],
  service: string,
  instance: Instance,
): Source {
  const found = sources.find((source) => source.service === service);
  if (found !== undefined) return found;
  throw new LaunchError('SERVICE_NOT_FOUND', `There is no worker service "${service}".`, {
    place: { file: instance.file },
    remedy: didYouMean(
      service,
      sources.map((source) => source.service),
    ),
  });
}

/** Instances `b-c` of the worker `a` and `c` of `a-b` would be one worker; so would `staging` and an environment. */
function assertNamesAreFree(
  instance: Instance,
  sources: readonly SourceWorker[],
  copies: readonly InstanceWorker[],
): void {
  for (const { copy, source } of copies) {
    const owner = sources.find(({ deployedAs }) => deployedAs.includes(copy));
    const twin = copies.find((other) => other.copy === copy && other.source !== source);
    if (owner === undefined && twin === undefined) continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `The copy of "${source.name}" for the instance "${instance.id}" would be called "${copy}", as the worker of ${owner?.file ?? twin?.source.file} is.`,
      { place: { file: instance.file }, remedy: 'Choose another instance id.' },
    );
  }
}

/** Bound to is depending on: Cloudflare refuses a worker whose binding leads nowhere. */
function dependents(chosen: readonly SourceWorker[]): Dependent[] {
  const serviceOf = new Map(
    chosen.flatMap(({ service, deployedAs }) => deployedAs.map((name) => [name, service] as const)),
  );
  const services = new Set(chosen.map(({ service }) => service));
  return chosen.map(({ service, settings, dependsOn, file }) => {
    const bound = [
      ...settings.services.map((binding) => binding.service),
      ...settings.durableObjects.flatMap(({ script_name: script }) => script ?? []),
    ].flatMap((name) => serviceOf.get(name) ?? []);
    const before = [...bound, ...dependsOn].filter((name) => name !== service && services.has(name));
    return { name: service, dependsOn: [...new Set(before)], file };
  });
}
