import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { isSameRecord, withUrls } from '../../core/instances/instance-record.ts';
import { resourceWords } from '../../core/instances/instance-resources.ts';
import {
  type InstanceResource,
  type InstanceResult,
  isAsItShouldBe,
  worstFailure,
} from '../../core/instances/instance-result.ts';
import { copiesByName } from '../../core/instances/instance-workers.ts';
import type { Reporter } from '../reporter.ts';
import { type AccountResources, accountResources } from '../worker/account-resources.ts';
import { deployCopies } from './deploy-copies.ts';
import { instanceClient } from './instance-client.ts';
import { instanceTable } from './instance-table.ts';
import type { LoadedWorkers } from './load-workers.ts';
import { loadWorkersOf } from './load-workers.ts';
import { applyMigrations } from './migrate-database.ts';
import { type InstancePlan, isRecorded, planInstance } from './plan-instance.ts';
import type { Progress } from './progress.ts';
import type { DeployCopy, InstanceDeployRequest } from './request.ts';

/** What many instances have in common, so that it is read once. */
export interface SharedParts {
  readonly loaded: LoadedWorkers;
  readonly account: AccountResources;
}

/**
 * Makes an instance what its file says: the databases with their migrations, its row, its bucket and namespaces, its
 * workers with their secrets, and their addresses in the row. What is so already is left alone; after a run that failed
 * in the middle the next one does the rest. What failed is in the result.
 *
 * @throws LaunchError when nothing was changed: CONFIG_INVALID, SERVICE_NOT_FOUND, SECRET_MISSING, API_AUTH…
 */
export async function deployInstance(
  request: InstanceDeployRequest,
  reporter: Reporter,
  deploy: DeployCopy,
  shared?: SharedParts,
): Promise<InstanceResult> {
  const started = performance.now();
  const { instance } = request;
  const account = shared?.account ?? accountResources(instanceClient(request));
  const loaded = shared?.loaded ?? (await loadWorkersOf(request, instance));
  const plan = await planInstance(instance, loaded, request.secrets, account);
  if (request.dryRun) return planned(plan, performance.now() - started);

  const work: Progress = { resources: [], workers: [], notices: orphans(plan), urls: {} };
  let failure: LaunchError | undefined;
  try {
    const database = await prepareDatabases(plan, account, work, reporter);
    const table = instanceTable(account.client, database, account.facts);
    // Before anything of it is made, so that nothing can be there that nobody knows of.
    if (!isRecorded(plan)) await table.write(plan.record);
    await makeResources(plan, account, work, reporter);
    const copies = copiesByName(plan.waves.flat());
    await deployCopies({ request, plan, loaded, account, copies }, work, reporter, deploy);
    const record = withUrls(plan.record, addresses(plan, work.workers));
    work.urls = record.config.worker_urls;
    if (!isSameRecord(record, isRecorded(plan) ? plan.recordBefore : plan.record)) await table.write(record);
    const state = isSameRecord(record, plan.recordBefore)
      ? 'unchanged'
      : plan.recordBefore === undefined
        ? 'made'
        : 'updated';
    work.resources.push({ kind: 'row', name: instance.id, state });
    failure = worstFailure(work.workers);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    failure = error;
  }
  const isUnchanged = isAsItShouldBe(work.resources);
  return {
    operation: 'deploy',
    status: failure !== undefined ? 'failed' : isUnchanged ? 'unchanged' : 'deployed',
    instanceId: instance.id,
    organisation: instance.organisation,
    ...work,
    durationMs: Math.round(performance.now() - started),
    failure,
  };
}

/**
 * Every database is there, with all migrations, and the table of instances.
 *
 * @returns the id of the database with the table
 */
async function prepareDatabases(
  { database, resources, waves, lacking }: InstancePlan,
  account: AccountResources,
  work: Progress,
  reporter: Reporter,
): Promise<string> {
  for (const resource of resources.filter(({ kind }) => kind === 'd1')) {
    const { name, isThere } = resource;
    const id = await account.ensure(resource);
    if (!isThere) reporter.info(`Made the D1 database ${name}.`);
    work.resources.push({ kind: 'database', name, state: isThere ? 'unchanged' : 'made' });
    if ((lacking.get(name) ?? []).length === 0) continue;
    for (const { source } of waves.flat()) {
      const folder = source.migrations.get(name);
      const applied = folder === undefined ? [] : await applyMigrations(account.client, id, folder);
      for (const migration of applied) {
        reporter.info(`Applied the migration ${migration} to ${name}.`);
        work.resources.push({ kind: 'migration', name: migration, state: 'made', note: name });
      }
    }
  }
  const id = await account.ensure({ kind: 'd1', name: database });
  const table = instanceTable(account.client, id, account.facts);
  if (!(await table.isThere())) await table.make();
  return id;
}

async function makeResources(
  { resources }: InstancePlan,
  account: AccountResources,
  work: Progress,
  reporter: Reporter,
): Promise<void> {
  for (const resource of resources) {
    if (resource.kind === 'd1') continue;
    const kind = resourceWords[resource.kind];
    await account.ensure(resource);
    if (!resource.isThere) reporter.info(`Made the ${kind} ${resource.name}.`);
    work.resources.push({ kind, name: resource.name, state: resource.isThere ? 'unchanged' : 'made' });
  }
}

/** Of a worker that could not be deployed, the address that it had. */
function addresses(plan: InstancePlan, results: readonly WorkerResult[]): Readonly<Record<string, string>> {
  const before = plan.recordBefore?.config.worker_urls ?? {};
  return Object.fromEntries(
    plan.waves.flat().flatMap(({ source: { service }, copy }) => {
      const result = results.find(({ worker }) => worker === copy);
      const url = result?.urls[0] ?? (Object.hasOwn(before, service) ? before[service] : undefined);
      return url === undefined ? [] : [[service, url] as const];
    }),
  );
}

/** Copies that the instance had and does not have any more. They are left as they are: somebody may still use them. */
function orphans({ waves, recordBefore, instance }: InstancePlan): string[] {
  const copies = new Set(waves.flat().map(({ copy }) => copy));
  return Object.values(recordBefore?.config.launch.workers ?? {})
    .filter((copy) => !copies.has(copy))
    .map(
      (copy) =>
        `The worker ${copy} is no longer part of the instance "${instance.id}" and still runs; delete it when nobody needs it.`,
    );
}

/** What a rehearsal tells. */
function planned(plan: InstancePlan, elapsedMs: number): InstanceResult {
  const { instance, resources, lacking, waves, existing, recordBefore } = plan;
  return {
    operation: 'deploy',
    status: 'planned',
    instanceId: instance.id,
    organisation: instance.organisation,
    urls: recordBefore?.config.worker_urls ?? {},
    resources: [
      ...resources.flatMap(({ kind, name, isThere }): InstanceResource[] => [
        { kind: resourceWords[kind], name, state: isThere ? 'unchanged' : 'to make' },
        ...(lacking.get(kind === 'd1' ? name : '') ?? []).map(
          (migration): InstanceResource => ({
            kind: 'migration',
            name: migration,
            state: 'to make',
            note: name,
          }),
        ),
      ]),
      {
        kind: 'row',
        name: instance.id,
        state: recordBefore === undefined ? 'to make' : isRecorded(plan) ? 'unchanged' : 'to update',
      },
      ...waves.flat().map(
        ({ copy }): InstanceResource => ({
          kind: 'worker',
          name: copy,
          state: existing.has(copy) ? 'to update' : 'to make',
          ...(existing.has(copy) ? { note: 'unless it is up to date' } : {}),
        }),
      ),
    ],
    workers: [],
    notices: orphans(plan),
    durationMs: Math.round(elapsedMs),
    failure: undefined,
  };
}
