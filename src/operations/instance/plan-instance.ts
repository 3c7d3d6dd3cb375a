import { readBindings } from '../../adapters/cloudflare/workers.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Instance } from '../../core/instances/instance.ts';
import { instanceVariable } from '../../core/instances/instance-names.ts';
import {
  type Holding,
  type InstanceRecord,
  isSameRecord,
  plannedRecord,
} from '../../core/instances/instance-record.ts';
import {
  databaseOf,
  defaultDatabase,
  type WantedResource,
  wantedResources,
} from '../../core/instances/instance-resources.ts';
import { type InstanceWorker, instanceWorkers } from '../../core/instances/instance-workers.ts';
import { printable } from '../../core/names.ts';
import { chooseSecrets } from '../../core/secrets/choose-secrets.ts';
import type { AccountResources } from '../worker/account-resources.ts';
import { type InstanceTable, instanceTable } from './instance-table.ts';
import type { LoadedWorker, LoadedWorkers } from './load-workers.ts';
import { lackingMigrations } from './migrate-database.ts';

export type CopiedWorker = InstanceWorker<LoadedWorker>;

/** What an instance needs, and what of it is there. Nothing has been changed to find out. */
export interface InstancePlan {
  readonly instance: Instance;
  /** The name of the database with its row. */
  readonly database: string;
  readonly waves: readonly (readonly CopiedWorker[])[];
  readonly resources: readonly PlannedResource[];
  /** Names of migrations that the databases lack, by database. */
  readonly lacking: ReadonlyMap<string, readonly string[]>;
  /** By the name of the copy. */
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly existing: ReadonlySet<string>;
  readonly record: InstanceRecord;
  readonly recordBefore: InstanceRecord | undefined;
}

export interface PlannedResource extends WantedResource {
  readonly isThere: boolean;
}

/**
 * Looks before anything is done. `given` are the secrets; undefined: nobody asks for them.
 *
 * @throws LaunchError CONFIG_INVALID, SERVICE_NOT_FOUND, SECRET_MISSING, and what the API refuses
 */
export async function planInstance(
  instance: Instance,
  loaded: LoadedWorkers,
  given: ReadonlyMap<string, string> | undefined,
  account: AccountResources,
): Promise<InstancePlan> {
  const waves = instanceWorkers(instance, loaded.workers);
  const workers = waves.flat();
  const wanted = wantedResources(instance, workers);
  const secrets = given === undefined ? new Map() : secretsOf(instance, workers, given);
  // One after the other: when one fails, no other is still on its way.
  const resources: PlannedResource[] = [];
  for (const resource of wanted) {
    resources.push({ ...resource, isThere: (await account.find(resource)) !== undefined });
  }
  const database = databaseOf(instance, workers);
  const table = await tableOf(database, account);
  const recordBefore = await table?.read(instance.id);
  const existing = await existingCopies(instance, workers, account);
  assertSameOrganisation(instance, recordBefore);
  const strangers = resources.filter(
    ({ kind, name, isThere }) =>
      kind === 'r2' && isThere && !Object.hasOwn(recordBefore?.config.launch.buckets ?? {}, name),
  );
  if (strangers.length > 0) {
    const databases = [database, ...loaded.workers.flatMap((worker) => worker.databases)];
    assertNotForeign(instance, await foreignHolder(instance, strangers, databases, account));
  }
  const lacking = new Map<string, readonly string[]>();
  for (const { kind, name } of resources) {
    if (kind === 'd1') lacking.set(name, await lackingIn(name, workers, account));
  }
  const record = plannedRecord(instance, holdings(workers, resources, recordBefore), recordBefore);
  return { instance, database, waves, resources, lacking, secrets, existing, record, recordBefore };
}

/** Undefined where there is no such database. */
export async function tableOf(
  database: string,
  account: AccountResources,
): Promise<InstanceTable | undefined> {
  const id = await account.find({ kind: 'd1', name: database });
  return id === undefined ? undefined : instanceTable(account.client, id, account.facts);
}

/** Whether the row stands as it should, but for the addresses. */
export function isRecorded({ record, recordBefore }: InstancePlan): boolean {
  return isSameRecord(record, recordBefore);
}

/**
 * The secrets of each copy: what its service declares, each under the name that the instance has for it.
 *
 * @throws LaunchError CONFIG_INVALID for a key that no worker declares, SECRET_MISSING
 */
function secretsOf(
  instance: Instance,
  workers: readonly CopiedWorker[],
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const declared = new Set(workers.flatMap(({ source }) => source.secrets));
  const unused = [...instance.apiKeys.keys()].filter((name) => !declared.has(name));
  if (unused.length > 0) {
    throw new LaunchError('CONFIG_INVALID', `No worker declares ${unused.join(', ')} of \`api_keys\`.`, {
      place: { file: instance.file },
      remedy: 'Add it to `secrets:` in the service.yml of the worker that needs it, or take it out here.',
    });
  }
  const from = (name: string) => instance.apiKeys.get(name) ?? name;
  const place = { file: instance.file };
  const values = chooseSecrets({
    declared: [...declared].map(from),
    prefix: undefined,
    sources: [given],
    place,
  });
  return new Map(
    workers.map(({ copy, source }) => [
      copy,
      new Map(source.secrets.map((name) => [name, values.get(from(name)) ?? ''])),
    ]),
  );
}

/** @throws LaunchError CONFIG_INVALID for a worker that is there and belongs to nobody, or to another instance */
async function existingCopies(
  instance: Instance,
  workers: readonly CopiedWorker[],
  account: AccountResources,
): Promise<ReadonlySet<string>> {
  const existing = new Set<string>();
  for (const { copy } of workers) {
    if (!(await account.hasWorker(copy))) continue;
    const owner = await ownerOf(copy, account);
    if (owner === 'gone') continue;
    if (owner.instance !== instance.id) throw foreignWorker(copy, owner.instance, instance);
    existing.add(copy);
  }
  return existing;
}

/** Whose copy a worker is, by the variable that Launch gives each copy; `gone` when there is no such worker. */
export async function ownerOf(
  copy: string,
  { client }: AccountResources,
): Promise<'gone' | { readonly instance: string | undefined }> {
  const bindings = await readBindings(client, copy);
  if (bindings === undefined) return 'gone';
  const mark = bindings.find(({ type, name }) => type === 'plain_text' && name === instanceVariable);
  const value = mark?.fields['text'];
  return { instance: typeof value === 'string' ? value : undefined };
}

function foreignWorker(copy: string, owner: string | undefined, instance: Instance): LaunchError {
  const whose = owner === undefined ? 'no copy of Launch' : `the instance "${printable(owner)}"`;
  return new LaunchError(
    'CONFIG_INVALID',
    `There is a worker "${copy}" already, which belongs to ${whose}.`,
    {
      place: { file: instance.file },
      remedy:
        'Nothing has been changed. Choose another instance id, or delete that worker if nobody needs it.',
    },
  );
}

/** The data below an instance's id is an organisation's own; another one must not come upon it. */
function assertSameOrganisation(instance: Instance, before: InstanceRecord | undefined): void {
  if (before === undefined || before.organisation === instance.organisation) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The instance "${instance.id}" belongs to the organisation "${printable(before.organisation)}", not to "${instance.organisation}".`,
    {
      place: { file: instance.file },
      remedy:
        'Nothing has been changed. Choose another instance id, or destroy that instance with its data first.',
    },
  );
}

/** The first of the buckets that an instance of another organisation has, in whichever environment that is. */
async function foreignHolder(
  { organisation }: Instance,
  buckets: readonly PlannedResource[],
  databases: readonly string[],
  account: AccountResources,
): Promise<{ readonly bucket: string; readonly holder: string } | undefined> {
  for (const database of new Set([...databases, defaultDatabase])) {
    const table = await tableOf(database, account);
    for (const { name: bucket } of buckets) {
      const holder = await table?.foreignHolder(bucket, organisation);
      if (holder !== undefined) return { bucket, holder };
    }
  }
  return undefined;
}

/** What one organisation has stored is no business of another. */
function assertNotForeign(instance: Instance, found: Awaited<ReturnType<typeof foreignHolder>>): void {
  if (found === undefined) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The bucket "${found.bucket}" belongs to the instance "${printable(found.holder)}" of another organisation.`,
    { place: { file: instance.file }, remedy: 'Nothing has been changed. Choose another `r2_bucket`.' },
  );
}

async function lackingIn(
  database: string,
  workers: readonly CopiedWorker[],
  account: AccountResources,
): Promise<readonly string[]> {
  const id = await account.find({ kind: 'd1', name: database });
  const folders = workers.flatMap(({ source }) => source.migrations.get(database) ?? []);
  if (id === undefined) return folders.flatMap(({ files }) => files.map(({ name }) => name));
  const fact = `migrations of ${database}: ${folders.map(({ folder }) => folder).join(', ')}`;
  if (account.facts.has(fact)) return [];
  const lacking: string[] = [];
  for (const folder of folders) {
    lacking.push(...(await lackingMigrations(account.client, id, folder)).map(({ name }) => name));
  }
  if (lacking.length === 0) account.facts.add(fact);
  return [...new Set(lacking)];
}

/** What is missing now counts as made by Launch from here on, also when the run is cut off before it is there. */
function holdings(
  workers: readonly CopiedWorker[],
  resources: readonly PlannedResource[],
  before: InstanceRecord | undefined,
) {
  const held = (kind: WantedResource['kind'], known: Readonly<Record<string, Holding>> | undefined) =>
    Object.fromEntries(
      resources
        .filter((resource) => resource.kind === kind)
        .map(({ name, isThere }) => {
          const made =
            !isThere || (known !== undefined && Object.hasOwn(known, name) && known[name]?.made === true);
          return [name, { made }] as const;
        }),
    );
  return {
    workers: Object.fromEntries(workers.map(({ source, copy }) => [source.service, copy])),
    namespaces: held('kv', before?.config.launch.namespaces),
    buckets: held('r2', before?.config.launch.buckets),
  };
}
