import { LaunchError } from '../../core/errors.ts';
import type { Instance } from '../../core/instances/instance.ts';
import { copyName } from '../../core/instances/instance-names.ts';
import { didYouMean } from '../../core/nearest.ts';
import { locateProject } from '../locate-project.ts';
import { loadWorkers } from './load-workers.ts';

/** An instance's copy of the worker of one service. */
export interface NamedCopy {
  /** At Cloudflare. */
  readonly name: string;
  /** Of the configuration that it is made from. */
  readonly environment: string | undefined;
}

/** @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID */
export async function copyOf(cwd: string, service: string, instance: Instance): Promise<NamedCopy> {
  const { workers } = await loadWorkers(locateProject(cwd), instance.environment, {});
  const source = workers.find((worker) => worker.service === service);
  if (source !== undefined) return { name: copyName(source.name, instance), environment: source.environment };
  throw new LaunchError('SERVICE_NOT_FOUND', `There is no worker service "${service}".`, {
    remedy: didYouMean(
      service,
      workers.map((worker) => worker.service),
    ),
  });
}
