// What an upload of a worker consists of: multipart, with a part `metadata` and a part for each module.

import type { D1State } from './d1.ts';
import { type CloudflareRequest, Malformed, Refused, record, text } from './envelope.ts';
import type { KvState } from './kv.ts';
import type { R2State } from './r2.ts';
import type { Binding, Upload, Version, Worker, WorkersState } from './worker-state.ts';

/** What bindings point at. */
export interface Resources {
  readonly workers: WorkersState;
  readonly d1: D1State;
  readonly kv: KvState;
  readonly r2: R2State;
}

export interface ReadUpload {
  readonly upload: Upload;
  /** Whether it asks for a Durable Object migration. */
  readonly migrates: boolean;
}

const metadataFields = [
  'main_module',
  'bindings',
  'compatibility_date',
  'compatibility_flags',
  'migrations',
  'code_update_strategy',
  'keep_bindings',
  'keep_assets',
  'assets',
  'logpush',
  'placement',
  'tail_consumers',
  'streaming_tail_consumers',
  'limits',
  'annotations',
  'observability',
  'cache_options',
  'package_dependencies',
  'containers',
  'exports',
];

export async function readUpload(
  request: CloudflareRequest,
  name: string,
  worker: Worker | undefined,
  resources: Resources,
): Promise<ReadUpload> {
  const { metadata, modules } = await readParts(request);
  const unknown = Object.keys(metadata).filter((key) => !metadataFields.includes(key));
  if (unknown.length > 0) throw new Malformed(`metadata has the unknown fields ${unknown.join(', ')}`);
  const mainModule = text(metadata['main_module'], 'metadata.main_module');
  if (!modules.has(mainModule)) {
    throw new Refused(400, 10021, `No such module "${mainModule}".`);
  }
  const before = worker?.versions.at(-1);
  const strict = request.query['bindings_inherit'] === 'strict';
  const given = list(metadata['bindings'], 'metadata.bindings').map(readBinding);
  const bindings = resolveBindings(given, strings(metadata['keep_bindings']), before, strict);
  for (const binding of bindings) checkBinding(binding, name, resources);
  const migrations = metadata['migrations'];
  return {
    migrates: migrations !== undefined,
    upload: {
      annotations: annotations(metadata['annotations']),
      bindings,
      mainModule,
      modules,
      compatibilityDate:
        metadata['compatibility_date'] === undefined
          ? undefined
          : text(metadata['compatibility_date'], 'date'),
      compatibilityFlags: strings(metadata['compatibility_flags']),
      migrationTag: migrations === undefined ? before?.migrationTag : migrated(migrations, before),
    },
  };
}

/** Cloudflare keeps 100 bytes of a message and 25 of a tag. */
export function annotations(value: unknown): Record<string, string> {
  const given = value === undefined ? {} : record(value, 'annotations');
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, content]) => content !== undefined && content !== null && content !== '')
      .map(([key, content]) => {
        if (!['workers/message', 'workers/tag', 'workers/alias', 'workers/triggered_by'].includes(key)) {
          throw new Malformed(`unknown annotation ${key}`);
        }
        const limit = key === 'workers/tag' ? 25 : 100;
        return [key, Buffer.from(text(content, key)).subarray(0, limit).toString()];
      }),
  );
}

async function readParts(request: CloudflareRequest) {
  if (request.form === undefined) throw new Malformed(`${request.path} takes multipart/form-data`);
  const part = request.form.get('metadata');
  const metadata = part === null ? undefined : typeof part === 'string' ? part : await part.text();
  if (metadata === undefined) throw new Malformed('the upload has no part "metadata"');
  const modules = new Map<string, string>();
  for (const [name, module] of request.form) {
    if (name === 'metadata') continue;
    if (typeof module === 'string') throw new Malformed(`the module ${name} has no content type`);
    modules.set(name, await module.text());
  }
  return { metadata: record(JSON.parse(metadata), 'metadata'), modules };
}

function readBinding(value: unknown): Binding {
  const binding = record(value, 'a binding');
  return {
    ...binding,
    type: text(binding['type'], 'binding.type'),
    name: text(binding['name'], 'binding.name'),
  };
}

/** `inherit` and `keep_bindings` take over what the version before has. */
function resolveBindings(
  given: readonly Binding[],
  keep: readonly string[],
  before: Version | undefined,
  strict: boolean,
): readonly Binding[] {
  const names = new Set(given.map(({ name }) => name));
  if (names.size < given.length) throw new Refused(400, 10008, 'Two bindings have the same name.');
  const resolved = given.flatMap((binding) => {
    if (binding.type !== 'inherit') return [binding];
    const found = before?.bindings.find(({ name }) => name === (binding['old_name'] ?? binding.name));
    if (found !== undefined) return [{ ...found, name: binding.name }];
    if (!strict) return [];
    throw new Refused(400, 10056, `Binding "${binding.name}" is inherited, but there is none to inherit.`);
  });
  const kept = (before?.bindings ?? []).filter(({ type, name }) => keep.includes(type) && !names.has(name));
  return [...resolved, ...kept];
}

/** (codes and wording from memory of the real API, unverified) */
function checkBinding(binding: Binding, own: string, { workers, d1, kv, r2 }: Resources): void {
  switch (binding.type) {
    case 'd1': {
      const id = text(binding['id'] ?? binding['database_id'], 'id of a d1 binding');
      if (d1.databases.has(id)) return;
      throw new Refused(
        400,
        10181,
        `D1 binding '${binding.name}' references database '${id}' which was not found.`,
      );
    }
    case 'kv_namespace': {
      const id = text(binding['namespace_id'], 'namespace_id');
      if (kv.namespaces.has(id)) return;
      throw new Refused(400, 10041, `KV namespace '${id}' not found.`);
    }
    case 'r2_bucket': {
      const bucket = text(binding['bucket_name'], 'bucket_name');
      if (r2.buckets.has(bucket)) return;
      throw new Refused(400, 10085, `R2 bucket '${bucket}' not found.`);
    }
    case 'service': {
      const service = text(binding['service'], 'service');
      if (service === own || workers.workers.has(service)) return;
      throw new Refused(
        400,
        10143,
        `Could not resolve service binding '${binding.name}'. Target script '${service}' not found.`,
      );
    }
    case 'durable_object_namespace': {
      text(binding['class_name'], 'class_name');
      const script = binding['script_name'];
      if (script === undefined || script === own || workers.workers.has(String(script))) return;
      throw new Refused(400, 10061, `Cannot create binding '${binding.name}': script '${script}' not found.`);
    }
    case 'plain_text':
    case 'secret_text':
      // An empty text is a text.
      if (typeof binding['text'] === 'string') return;
      throw new Malformed(`the text of ${binding.name} is missing`);
    case 'json':
    case 'assets':
    case 'version_metadata':
      return;
    default:
      throw new Malformed(`a binding of the unknown type ${binding.type}`);
  }
}

function migrated(value: unknown, before: Version | undefined): string {
  const { new_tag, old_tag, steps } = record(value, 'migrations');
  const tag = text(new_tag, 'migrations.new_tag');
  list(steps, 'migrations.steps');
  if (old_tag !== undefined && old_tag !== before?.migrationTag) {
    throw new Refused(
      412,
      10079,
      `migration tag precondition failed; current tag is ${before?.migrationTag}`,
    );
  }
  return tag;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Malformed(`${name} is no list`);
}

function strings(value: unknown): readonly string[] {
  return value === undefined ? [] : list(value, 'a list').map((item) => text(item, 'an item'));
}
