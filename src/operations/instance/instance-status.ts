import { listSecretNames } from '../../adapters/cloudflare/workers.ts';
import { checksOfTraffic } from '../../core/cloudflare/smoke-test.ts';
import { LaunchError } from '../../core/errors.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { parseStatus } from '../../core/health/expectation.ts';
import type { Instance } from '../../core/instances/instance.ts';
import { resourceWords } from '../../core/instances/instance-resources.ts';
import type { InstanceResource, InstanceResult } from '../../core/instances/instance-result.ts';
import { checkHealth } from '../check-health.ts';
import { silentReporter } from '../reporter.ts';
import { type AccountResources, accountResources } from '../worker/account-resources.ts';
import { instanceClient } from './instance-client.ts';
import { loadWorkersOf } from './load-workers.ts';
import { type CopiedWorker, type InstancePlan, isRecorded, planInstance } from './plan-instance.ts';
import type { InstanceContext } from './request.ts';

export interface InstanceStatusRequest extends InstanceContext {
  readonly instance: Instance;
}

/**
 * Whether an instance is what its file says: everything is there, the row is as it should be, and each worker answers at
 * the address in the row. Changes nothing.
 *
 * @throws LaunchError as `deployInstance`, but for secrets
 */
export async function instanceStatus(request: InstanceStatusRequest): Promise<InstanceResult> {
  const started = performance.now();
  const { instance } = request;
  const account = accountResources(instanceClient(request));
  const plan = await planInstance(instance, await loadWorkersOf(request, instance), undefined, account);
  const urls = plan.recordBefore?.config.worker_urls ?? {};
  const isAbsent = plan.recordBefore === undefined && plan.existing.size === 0;
  const resources = isAbsent ? [] : await findings(plan, account, urls, request.signal);
  const lacking = resources.filter(({ state }) => state !== 'there');
  const status = isAbsent ? 'absent' : lacking.length === 0 ? 'ready' : 'incomplete';
  return {
    operation: 'status',
    status,
    instanceId: instance.id,
    organisation: instance.organisation,
    urls,
    resources,
    workers: [],
    notices: [],
    durationMs: Math.round(performance.now() - started),
    failure: status === 'ready' ? undefined : notReady(instance.id, lacking),
  };
}

async function findings(
  plan: InstancePlan,
  account: AccountResources,
  urls: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<readonly InstanceResource[]> {
  const workers = await Promise.all(
    plan.waves.flat().map((worker) => workerFinding(worker, plan, account, urls, signal)),
  );
  return [
    ...plan.resources.map(
      ({ kind, name, isThere }): InstanceResource => ({
        kind: resourceWords[kind],
        name,
        state: isThere ? 'there' : 'missing',
      }),
    ),
    ...[...plan.lacking].flatMap(([database, names]) =>
      names.map((name): InstanceResource => ({ kind: 'migration', name, state: 'missing', note: database })),
    ),
    { kind: 'row', name: plan.instance.id, ...rowFinding(plan) },
    ...workers,
  ];
}

function rowFinding(plan: InstancePlan): Pick<InstanceResource, 'state' | 'note'> {
  if (plan.recordBefore === undefined) return { state: 'missing' };
  return isRecorded(plan) ? { state: 'there' } : { state: 'to update', note: 'it is not what the file says' };
}

async function workerFinding(
  { source, copy }: CopiedWorker,
  { existing }: InstancePlan,
  { client }: AccountResources,
  urls: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<InstanceResource> {
  const found = (state: InstanceResource['state'], note?: string): InstanceResource => ({
    kind: 'worker',
    name: copy,
    state,
    ...(note === undefined ? {} : { note }),
  });
  if (!existing.has(copy)) return found('missing');
  const url = Object.hasOwn(urls, source.service) ? urls[source.service] : undefined;
  if (url === undefined) return found('failed', 'its address is not in the row');
  const known = new Set(await listSecretNames(client, copy));
  const lacking = source.secrets.filter((name) => !known.has(name));
  if (lacking.length > 0) return found('failed', `it lacks the secrets ${lacking.join(', ')}`);
  const asked = { worker: copy, versionId: '', url, previewUrl: undefined };
  const own = source.checks(source.vars, new Map());
  const checks = checksOfTraffic(own.length > 0 ? own : [answers], asked);
  const report = await checkHealth(checks, silentReporter, signal);
  return report.healthy ? found('there') : found('failed', `it does not pass its check at ${url}`);
}

/** Where a worker declares no check: that it answers at all. */
const answers: HealthCheck = {
  kind: 'http',
  url: '/',
  headers: {},
  status: parseStatus('100-499') ?? [],
  body: undefined,
  responseHeaders: [],
  timeoutMs: 20_000,
  intervalMs: 500,
  attemptMs: 10_000,
  successes: 1,
};

function notReady(id: string, lacking: readonly InstanceResource[]): LaunchError {
  const what = lacking.map(({ kind, name, state, note }) => `${kind} ${name} (${note ?? state})`);
  return new LaunchError(
    'HEALTH_FAILED',
    what.length === 0
      ? `There is no instance "${id}".`
      : `The instance "${id}" is incomplete: ${what.join(', ')}.`,
    { remedy: 'Deploy it: what is missing is made, and what is there is left alone.' },
  );
}
