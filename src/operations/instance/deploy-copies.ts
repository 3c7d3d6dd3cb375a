import { workerFailure } from '../../core/cloudflare/worker-failure.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Instance } from '../../core/instances/instance.ts';
import { instanceVariable } from '../../core/instances/instance-names.ts';
import { overridesFor, type WantedResource } from '../../core/instances/instance-resources.ts';
import type { InstanceResource } from '../../core/instances/instance-result.ts';
import { canonical } from '../../core/resolved-settings.ts';
import type { Reporter } from '../reporter.ts';
import type { AccountResources } from '../worker/account-resources.ts';
import type { WorkerDeployRequest } from '../worker/request.ts';
import type { LoadedWorkers } from './load-workers.ts';
import type { CopiedWorker, InstancePlan } from './plan-instance.ts';
import type { Progress } from './progress.ts';
import type { DeployCopy, InstanceDeployRequest } from './request.ts';

export interface CopiesToDeploy {
  readonly request: InstanceDeployRequest;
  readonly plan: InstancePlan;
  readonly loaded: LoadedWorkers;
  readonly account: AccountResources;
  /** By the name of a worker in a configuration, that of its copy. */
  readonly copies: Readonly<Record<string, string>>;
}

/**
 * Deploys the workers of an instance, wave by wave. One that fails keeps those back that are bound to it, and no
 * others.
 *
 * @throws LaunchError CANCELLED, and whatever stops them all: API_AUTH
 */
export async function deployCopies(
  parts: CopiesToDeploy,
  work: Progress,
  reporter: Reporter,
  deploy: DeployCopy,
): Promise<void> {
  const failed = new Set<string>();
  let first: LaunchError | undefined;
  for (const worker of parts.plan.waves.flat()) {
    const { source, copy } = worker;
    const missing = dependenciesOf(worker, parts).filter((name) => failed.has(name));
    if (missing.length > 0) {
      failed.add(copy);
      work.resources.push({
        kind: 'worker',
        name: copy,
        state: 'failed',
        note: `needs ${missing.join(', ')}`,
      });
      continue;
    }
    try {
      const request = await requestFor(worker, parts);
      const run = async () =>
        await reporter.group(`Worker ${copy}`, async () => await deploy(request, reporter));
      // What the hook builds lies in a folder that all copies share.
      const result = await (source.buildHook === undefined ? run() : source.inTurn(run));
      work.workers.push(result);
      const failure = workerFailure(result);
      if (failure !== undefined) {
        failed.add(copy);
        reporter.warning(failure.message);
      }
      work.resources.push(resourceOf(copy, result.status, parts.plan, failure));
      if (result.failure?.cancelled === true) return;
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      work.resources.push({ kind: 'worker', name: copy, state: 'failed', note: error.summary });
      // The next worker would meet with the same.
      if (error.code === 'CANCELLED' || error.code === 'API_AUTH') throw error;
      reporter.warning(`${source.service}: ${error.message}`, error.place);
      failed.add(copy);
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
}

async function requestFor(worker: CopiedWorker, parts: CopiesToDeploy): Promise<WorkerDeployRequest> {
  const { request, plan, loaded, account, copies } = parts;
  const { source, copy } = worker;
  const ids = new Map<WantedResource, string>();
  for (const resource of plan.resources) {
    if (resource.uses.some((use) => use.copy === copy)) ids.set(resource, await account.ensure(resource));
  }
  const vars = new Map([...source.vars, ...variablesOf(plan.instance)]);
  const secrets = plan.secrets.get(copy) ?? new Map<string, string>();
  return {
    account: request.account,
    timeoutMs: request.timeoutMs,
    hostEnv: request.hostEnv,
    signal: request.signal,
    folder: source.folder,
    configPath: source.configPath,
    configLabel: source.file,
    environment: source.environment,
    name: copy,
    bindings: overridesFor(copy, plan.resources, (resource) => ids.get(resource) ?? '', copies),
    vars,
    secrets,
    fingerprint: source.fingerprint,
    commit: loaded.commit,
    by: request.by,
    checks: source.checks(vars, secrets),
    // The others are about the worker itself: its own database, its own address.
    hooks: source.buildHook === undefined ? {} : { build: source.buildHook },
    gradual: [],
    force: false,
    dryRun: false,
  };
}

/** What a copy knows of the instance it belongs to; the first is also how Launch knows it again. */
function variablesOf(instance: Instance): ReadonlyMap<string, string> {
  return new Map([
    [instanceVariable, instance.id],
    ['ORG_ID', instance.organisation],
    ['ENVIRONMENT', instance.environment],
    ['RATE_LIMITS', canonical(instance.rateLimits)],
  ]);
}

/** The copies that this one is bound to, or is deployed after. */
function dependenciesOf({ source, copy }: CopiedWorker, { plan, copies }: CopiesToDeploy): string[] {
  const bound = [
    ...source.settings.services.map(({ service }) => service),
    ...source.settings.durableObjects.flatMap(({ script_name: script }) => script ?? []),
  ].flatMap((name) => (Object.hasOwn(copies, name) ? (copies[name] ?? []) : []));
  const before = plan.waves.flat().filter((other) => source.dependsOn.includes(other.source.service));
  const all = new Set([...bound, ...before.map((other) => other.copy)]);
  all.delete(copy);
  return [...all];
}

function resourceOf(
  copy: string,
  status: string,
  { existing }: InstancePlan,
  failure: LaunchError | undefined,
): InstanceResource {
  if (failure !== undefined) return { kind: 'worker', name: copy, state: 'failed', note: failure.summary };
  if (status === 'unchanged') return { kind: 'worker', name: copy, state: 'unchanged' };
  return { kind: 'worker', name: copy, state: existing.has(copy) ? 'updated' : 'made' };
}
