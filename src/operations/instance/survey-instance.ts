import { listWorkers } from '../../adapters/cloudflare/workers.ts';
import type { Holding, InstanceRecord } from '../../core/instances/instance-record.ts';
import type { ResourceKind } from '../../core/instances/instance-result.ts';
import type { AccountResources } from '../worker/account-resources.ts';
import { ownerOf } from './plan-instance.ts';

/** Something that belongs to an instance, and is there. */
export interface Removal {
  readonly kind: ResourceKind;
  readonly name: string;
  /** Why it stays; undefined where it goes. */
  readonly keep: string | undefined;
}

export interface Survey {
  readonly id: string;
  readonly purge: boolean;
  /** Its rows: one, unless its environment has changed. */
  readonly records: readonly InstanceRecord[];
  /** The rows of all other instances. */
  readonly others: readonly InstanceRecord[];
}

const onlyWithPurge = 'data, which only `purge` removes';

/** What of an instance is there, and what of it a removal would take. */
export async function surveyInstance(survey: Survey, account: AccountResources): Promise<readonly Removal[]> {
  const { records, purge } = survey;
  return [
    ...(await copiesOf(survey, account)),
    ...(await dataOf(survey, 'namespace', account)),
    ...(await dataOf(survey, 'bucket', account)),
    ...records.map(({ id }) => ({ kind: 'row', name: id, keep: purge ? undefined : onlyWithPurge }) as const),
  ];
}

/** Also those that the row does not know of; the mark in the worker itself decides. */
async function copiesOf({ id, records }: Survey, account: AccountResources): Promise<Removal[]> {
  const there = await listWorkers(account.client);
  const recorded = new Set(records.flatMap(({ config }) => Object.values(config.launch.workers)));
  const removals: Removal[] = [];
  for (const name of there.filter((one) => recorded.has(one) || one.endsWith(`-${id}`))) {
    const owner = await ownerOf(name, account);
    if (owner === 'gone') continue;
    if (owner.instance === id) removals.push({ kind: 'worker', name, keep: undefined });
    else if (recorded.has(name)) removals.push({ kind: 'worker', name, keep: 'it belongs to another' });
  }
  return removals;
}

async function dataOf(
  { purge, records, others }: Survey,
  kind: 'namespace' | 'bucket',
  account: AccountResources,
): Promise<Removal[]> {
  const held = ({ config }: InstanceRecord): Readonly<Record<string, Holding>> =>
    kind === 'bucket' ? config.launch.buckets : config.launch.namespaces;
  const removals: Removal[] = [];
  for (const [name, { made }] of new Map(records.flatMap((record) => Object.entries(held(record))))) {
    if ((await account.find({ kind: kind === 'bucket' ? 'r2' : 'kv', name })) === undefined) continue;
    const sharer = others.find((other) => Object.hasOwn(held(other), name));
    const keep = !purge
      ? onlyWithPurge
      : sharer !== undefined
        ? `the instance ${sharer.id} uses it, too`
        : made
          ? undefined
          : 'it was there before the instance';
    removals.push({ kind, name, keep });
  }
  return removals;
}
