import { deleteNamespace } from '../../adapters/cloudflare/kv.ts';
import { deleteBucket } from '../../adapters/cloudflare/r2.ts';
import { LaunchError } from '../../core/errors.ts';
import { type InstanceRecord, isSameRecord, withoutWorkers } from '../../core/instances/instance-record.ts';
import type {
  InstanceResource,
  InstanceResult,
  ResourceState,
} from '../../core/instances/instance-result.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import { type AccountResources, accountResources } from '../worker/account-resources.ts';
import { deleteCopies } from './delete-copies.ts';
import { instanceClient } from './instance-client.ts';
import { instanceHomes } from './instance-homes.ts';
import type { InstanceTable } from './instance-table.ts';
import type { InstanceContext } from './request.ts';
import { type Removal, surveyInstance } from './survey-instance.ts';

export interface InstanceDestroyRequest extends InstanceContext {
  readonly id: string;
  /** The database that its file names. */
  readonly database: string | undefined;
  /** The id, typed again. */
  readonly confirm: string | undefined;
  /** Also its data: the row, and the buckets and namespaces that Launch has made for it. */
  readonly purge: boolean;
  /** Tells what would be removed. */
  readonly dryRun: boolean;
}

interface InstanceRow {
  readonly table: InstanceTable;
  readonly record: InstanceRecord;
}

/**
 * Removes an instance's workers, and with `purge` its data. Without the id typed again nothing is removed, and the
 * result lists what would be. What failed is in the result; the next run goes on.
 *
 * @throws LaunchError when nothing was changed: API_AUTH, API_ERROR, TIMEOUT, CANCELLED
 */
export async function destroyInstance(
  request: InstanceDestroyRequest,
  reporter: Reporter,
): Promise<InstanceResult> {
  const started = performance.now();
  const { id, confirm, dryRun, purge } = request;
  const account = accountResources(instanceClient(request));
  const rows: InstanceRow[] = [];
  const others: InstanceRecord[] = [];
  for (const { table } of await instanceHomes(request, account, [request.database])) {
    for (const record of await table.readAll()) {
      if (record.id === id) rows.push({ table, record });
      else others.push(record);
    }
  }
  const records = rows.map(({ record }) => record);
  const removals = await surveyInstance({ id, purge, records, others }, account);
  const finish = (
    status: InstanceResult['status'],
    resources: readonly InstanceResource[],
    failure?: LaunchError,
  ): InstanceResult => ({
    operation: 'destroy',
    status,
    instanceId: id,
    organisation: records[0]?.organisation,
    urls: status === 'destroyed' ? {} : (records[0]?.config.worker_urls ?? {}),
    resources,
    workers: [],
    notices: [],
    durationMs: Math.round(performance.now() - started),
    failure,
  });
  if (removals.length === 0) return finish('absent', []);
  if (removals.every(({ keep }) => keep !== undefined)) return finish('unchanged', removals.map(told));
  if (dryRun) return finish('planned', removals.map(told));
  if (confirm !== id) return finish('planned', removals.map(told), notConfirmed(id, confirm, removals));

  const done: InstanceResource[] = [];
  try {
    await deleteCopies(
      removals.filter(({ kind, keep }) => kind === 'worker' && keep === undefined),
      account,
      done,
      reporter,
    );
    await removeData(removals, account, done, reporter);
    for (const row of rows) await settleRow(row, purge, done);
    done.push(...removals.filter(({ keep }) => keep !== undefined).map(told));
    return finish('destroyed', done);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return finish('failed', done, error);
  }
}

async function removeData(
  removals: readonly Removal[],
  account: AccountResources,
  done: InstanceResource[],
  reporter: Reporter,
): Promise<void> {
  for (const { kind, name, keep } of removals) {
    if (keep !== undefined || (kind !== 'bucket' && kind !== 'namespace')) continue;
    if (kind === 'bucket') {
      const objects = await deleteBucket(account.client, name);
      reporter.info(`Deleted the bucket ${name}${objects ? ` with ${objects} objects` : ''}.`);
    } else {
      const id = await account.find({ kind: 'kv', name });
      if (id !== undefined) await deleteNamespace(account.client, id);
      reporter.info(`Deleted the namespace ${name}.`);
    }
    done.push({ kind, name, state: 'deleted' });
  }
}

/** Last of all, since it knows what there was. */
async function settleRow(
  { table, record }: InstanceRow,
  purge: boolean,
  done: InstanceResource[],
): Promise<void> {
  if (purge) {
    await table.remove(record.id);
    done.push({ kind: 'row', name: record.id, state: 'deleted' });
    return;
  }
  const left = withoutWorkers(record);
  if (!isSameRecord(left, record)) await table.write(left);
}

function told({ kind, name, keep }: Removal): InstanceResource {
  const state: ResourceState = keep === undefined ? 'to delete' : 'kept';
  return { kind, name, state, ...(keep === undefined ? {} : { note: keep }) };
}

function notConfirmed(id: string, confirm: string | undefined, removals: readonly Removal[]): LaunchError {
  const typed = confirm === undefined ? '' : `: "${printable(confirm, 80)}" is another id`;
  const named = removals
    .filter(({ keep }) => keep === undefined)
    .map(({ kind, name }) => `${kind} ${printable(name)}`);
  return new LaunchError('CONFIG_INVALID', `Destroying the instance "${id}" is not confirmed${typed}.`, {
    remedy: `Nothing has been changed. It would remove: ${named.join(', ')}. Type the id again as \`confirm\`: ${id}. What is removed can't be brought back; a worker's Durable Objects go with it.`,
  });
}
