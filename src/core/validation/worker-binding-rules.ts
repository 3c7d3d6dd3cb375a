import type { WorkerSettings } from '../cloudflare/wrangler-config.ts';
import type { DurableObjectMigration } from '../cloudflare/wrangler-file.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { atKey, environmentNoun, type WorkerSource } from './worker-source.ts';

/** What is wrong with the bindings of one worker. */
export function bindingProblems(worker: WorkerSource, deployments: readonly WorkerSettings[]): Problem[] {
  return [
    ...deployments.flatMap((settings) => placeholderProblems(worker, settings)),
    ...deployments.flatMap((settings) => doubleProblems(worker, settings)),
    ...deployments.flatMap((settings) => durableObjectProblems(worker, settings)),
    ...tagProblems(worker),
    ...lackingKeys(worker),
    ...lackingBindings(worker, deployments),
  ];
}

const databaseId = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const namespaceId = /^[0-9a-f]{32}$/i;

function placeholderProblems(worker: WorkerSource, { d1, kv }: WorkerSettings): Problem[] {
  const ids = [
    ...d1.map(({ database_id: id, path }) => ({ id, path: [...path, 'database_id'], shape: databaseId })),
    ...kv.map(({ id, path }) => ({ id, path: [...path, 'id'], shape: namespaceId })),
  ];
  return ids
    .filter(({ id, shape }) => id !== undefined && (!shape.test(id) || /^([0-9a-f])(?:\1|-)*$/i.test(id)))
    .map(({ id = '', path }) =>
      atKey(worker, path, 'worker-placeholder', {
        message: id === '' ? 'The id is empty.' : `"${printable(id, 60)}" is no id, but stands in for one.`,
        remedy: 'Remove the line: Launch finds it by its name. Or write the id that the account shows.',
      }),
    );
}

interface Named {
  readonly name: string;
  readonly path: readonly PropertyKey[];
}

/** Everything that the worker's code finds under a name, in the order of the file's kinds. */
function namesIn({
  d1,
  kv,
  r2,
  services,
  durableObjects,
  rateLimits,
  vars,
  environment,
}: WorkerSettings): Named[] {
  const base = environment === undefined ? [] : ['env', environment];
  return [
    ...[...d1, ...kv, ...r2, ...services].map(({ binding, path }) => ({ name: binding, path })),
    ...[...durableObjects, ...rateLimits].map(({ name, path }) => ({ name, path })),
    ...Object.keys(vars).map((name) => ({ name, path: [...base, 'vars', name] })),
  ];
}

function doubleProblems(worker: WorkerSource, settings: WorkerSettings): Problem[] {
  const seen = new Set<string>();
  return namesIn(settings).flatMap(({ name, path }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      atKey(worker, path, 'worker-binding-twice', {
        message: `Two bindings of ${environmentNoun(settings)} are called "${printable(name, 80)}".`,
        remedy: 'Rename one of them, here and in the code.',
      }),
    ];
  });
}

function durableObjectProblems(worker: WorkerSource, settings: WorkerSettings): Problem[] {
  // Wrangler's newer way to say the same.
  if ('exports' in worker.config.raw) return [];
  const classes = classesAfter(settings.migrations);
  return settings.durableObjects
    .filter(({ class_name: name, script_name: script }) => {
      return (script === undefined || script === settings.name) && !classes.has(name);
    })
    .map(({ class_name: name, path }) =>
      atKey(worker, [...path, 'class_name'], 'worker-durable-object', {
        message: `No migration makes the Durable Object class "${printable(name, 80)}".`,
        remedy: `Add one: \`{"tag": "v${settings.migrations.length + 1}", "new_sqlite_classes": ["${printable(name, 80)}"]}\`.`,
      }),
    );
}

/** The classes that have storage once all migrations have run. */
function classesAfter(migrations: readonly DurableObjectMigration[]): Set<string> {
  const classes = new Set<string>();
  for (const migration of migrations) {
    for (const name of migration.new_classes ?? []) classes.add(name);
    for (const name of migration.new_sqlite_classes ?? []) classes.add(name);
    for (const { to } of migration.transferred_classes ?? []) classes.add(to);
    for (const { from, to } of migration.renamed_classes ?? []) {
      classes.delete(from);
      classes.add(to);
    }
    for (const name of migration.deleted_classes ?? []) classes.delete(name);
  }
  return classes;
}

function tagProblems(worker: WorkerSource): Problem[] {
  const { settings } = worker.config;
  const lists = [
    { migrations: settings.migrations ?? [], path: ['migrations'] },
    ...Object.entries(settings.env ?? {}).map(([name, own]) => ({
      migrations: own.migrations ?? [],
      path: ['env', name, 'migrations'],
    })),
  ];
  return lists.flatMap(({ migrations, path }) =>
    migrations.flatMap(({ tag }, index) =>
      migrations.findIndex((other) => other.tag === tag) === index
        ? []
        : [
            atKey(worker, [...path, index, 'tag'], 'worker-durable-object', {
              message: `Two migrations have the tag "${printable(tag, 80)}": the later one never runs.`,
              remedy: 'Give it a tag of its own.',
            }),
          ],
    ),
  );
}

/** What no environment inherits of the top, as wrangler has it. */
const notInherited = [
  'vars',
  'define',
  'durable_objects',
  'workflows',
  'kv_namespaces',
  'r2_buckets',
  'd1_databases',
  'services',
  'queues',
  'vectorize',
  'hyperdrive',
  'analytics_engine_datasets',
  'ai',
  'browser',
  'images',
  'send_email',
  'dispatch_namespaces',
  'mtls_certificates',
  'tail_consumers',
  'ratelimits',
  'pipelines',
  'secrets_store_secrets',
  'version_metadata',
];

/** What stands at the top alone is not there in an environment, though it looks as if it were. */
function lackingKeys(worker: WorkerSource): Problem[] {
  const { raw, settings } = worker.config;
  const atTop = notInherited.filter((key) => isSomething(raw[key]));
  return Object.entries(settings.env ?? {}).flatMap(([name, own]) =>
    atTop
      .filter((key) => !(key in own))
      .map((key) =>
        atKey(worker, ['env', name], 'worker-environment-bindings', {
          message: `"${key}" stands at the top, and env.${printable(name, 80)} does not inherit it.`,
          remedy: `Write \`${key}\` into env.${printable(name, 80)}, too; an empty one where it is to have none.`,
        }),
      ),
  );
}

function isSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** A binding that all environments have but one is most likely forgotten there. */
function lackingBindings(worker: WorkerSource, deployments: readonly WorkerSettings[]): Problem[] {
  if (deployments.length < 3) return [];
  const all = deployments.map((settings) => ({
    settings,
    names: new Set(namesIn(settings).map(({ name }) => name)),
  }));
  return all.flatMap(({ settings, names }) => {
    const { environment } = settings;
    // A whole list that is missing has been told.
    if (environment === undefined || names.size === 0) return [];
    const others = all.filter((other) => other.settings !== settings);
    const [first] = others;
    const lacking = [...(first?.names ?? [])].filter(
      (name) => !names.has(name) && others.every((other) => other.names.has(name)),
    );
    return lacking.map((name) =>
      atKey(worker, ['env', environment], 'worker-environment-bindings', {
        severity: 'warning',
        message: `"${printable(name, 80)}" is bound everywhere but in env.${printable(environment, 80)}.`,
        remedy: 'Add it there, unless the code does without it.',
      }),
    );
  });
}
