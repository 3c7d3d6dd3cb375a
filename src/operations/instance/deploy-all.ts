import { relative } from 'node:path';
import pLimit from 'p-limit';
import { LaunchError } from '../../core/errors.ts';
import type { Instance } from '../../core/instances/instance.ts';
import type { InstanceResult } from '../../core/instances/instance-result.ts';
import { locateProject } from '../locate-project.ts';
import type { Reporter } from '../reporter.ts';
import { type AccountResources, accountResources } from '../worker/account-resources.ts';
import { deployInstance } from './deploy-instance.ts';
import { instanceFiles, readInstance } from './find-instance.ts';
import { instanceClient } from './instance-client.ts';
import { type LoadedWorkers, loadWorkers } from './load-workers.ts';
import type { DeployCopy, InstanceContext } from './request.ts';

export interface InstancesRequest extends InstanceContext {
  readonly secrets: ReadonlyMap<string, string>;
  readonly by?: string | undefined;
  readonly dryRun: boolean;
  /** How many at a time. */
  readonly parallel: number;
}

/** How it went with one of many. */
export interface InstanceOutcome {
  /** From the top of the repository. */
  readonly file: string;
  /** Undefined where nothing was begun. */
  readonly result: InstanceResult | undefined;
  /** Undefined where all is well. */
  readonly failure: LaunchError | undefined;
}

/**
 * Deploys every instance of the checkout, so many at a time. One that fails stops no other; a run that is cancelled
 * begins no more of them.
 *
 * @throws LaunchError CONFIG_INVALID when there are none
 */
export async function deployAllInstances(
  request: InstancesRequest,
  reporter: Reporter,
  deploy: DeployCopy,
): Promise<readonly InstanceOutcome[]> {
  const located = locateProject(request.cwd);
  const files = instanceFiles(request.cwd);
  if (files.length === 0) {
    throw new LaunchError('CONFIG_INVALID', 'The repository has no instances.', {
      remedy: 'An instance is a file instances/<id>.json; schemas/instance.schema.json says what it holds.',
    });
  }
  const account = sharedAccount(request);
  const loaded = new Map<Instance['environment'], Promise<LoadedWorkers>>();
  const workersOf = (environment: Instance['environment']): Promise<LoadedWorkers> => {
    const known = loaded.get(environment) ?? loadWorkers(located, environment, request.hostEnv);
    loaded.set(environment, known);
    return known;
  };
  const deployOne = async (path: string): Promise<InstanceOutcome> => {
    const file = relative(located.top, path);
    try {
      if (request.signal?.aborted === true) throw notBegun();
      const instance = readInstance(request.cwd, path);
      const shared = { account, loaded: await workersOf(instance.environment) };
      const own = { ...request, instance };
      const result = await deployInstance(own, labelled(reporter, instance.id), deploy, shared);
      return { file, result, failure: result.failure };
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      return { file, result: undefined, failure: error };
    }
  };
  return await pLimit(request.parallel).map(files, deployOne);
}

/** What one run learns of the account serves all instances. */
function sharedAccount(request: InstancesRequest): AccountResources {
  return accountResources(instanceClient(request));
}

/** Lines of several instances come mixed; groups would tear them apart. */
function labelled(reporter: Reporter, id: string): Reporter {
  return {
    group: async (_title, body) => await body(),
    info: (line) => reporter.info(`${id}: ${line}`),
    warning: (message, place) => reporter.warning(`${id}: ${message}`, place),
    debug: (line) => reporter.debug(`${id}: ${line}`),
    output: (line) => reporter.output(`${id}: ${line}`),
  };
}

function notBegun(): LaunchError {
  return new LaunchError('CANCELLED', 'The run was cancelled before this one had begun.', {
    remedy: 'Start it again when you want it to go on.',
  });
}
