// Makes the calls that wrangler makes for `deploy`, `versions upload` and `triggers deploy`, in their order, without
// bundling anything: it starts in a tenth of the time. For tests that deploy hundreds of workers; what wrangler itself
// does is tested with wrangler itself.
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly [field: string]: unknown;
}
interface Section {
  readonly name?: string;
  readonly main?: string;
  readonly compatibility_date?: string;
  readonly workers_dev?: boolean;
  readonly vars?: Readonly<Record<string, string>>;
  readonly d1_databases?: readonly { binding: string; database_id: string }[];
  readonly kv_namespaces?: readonly { binding: string; id: string }[];
  readonly r2_buckets?: readonly { binding: string; bucket_name: string }[];
  readonly services?: readonly { binding: string; service: string }[];
  readonly migrations?: readonly { tag: string }[];
  readonly durable_objects?: { bindings?: readonly { name: string; class_name: string }[] };
  readonly env?: Readonly<Record<string, Section>>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: '' },
    env: { type: 'string', default: '' },
    'env-file': { type: 'string' },
    'x-provision': { type: 'boolean' },
    var: { type: 'string', multiple: true, default: [] },
    tag: { type: 'string' },
    message: { type: 'string' },
    'secrets-file': { type: 'string' },
  },
  allowNegative: true,
});
const config = JSON.parse(readFileSync(values.config, 'utf8')) as Section;
const own: Section = values.env === '' ? config : { ...config, ...config.env?.[values.env] };
const name = own.name ?? '';
const script = `/workers/scripts/${name}`;

/** Thrown with what the API said; wrangler tries these once. */
class Failed extends Error {
  readonly code: number | undefined;
  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account } = process.env;
  const isForm = body instanceof FormData;
  const response = await fetch(`${base}/accounts/${account}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${process.env['CLOUDFLARE_API_TOKEN']}`,
      'user-agent': 'wrangler/4.164.0',
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as {
    success: boolean;
    result: unknown;
    errors: { code: number; message: string }[];
  };
  if (answer.success) return answer.result;
  const [error] = answer.errors;
  throw new Failed(`A request to the Cloudflare API (${path}) failed. ${error?.message}`, error?.code);
}

function bindings(): Binding[] {
  const vars = new Map(Object.entries(own.vars ?? {}));
  for (const text of values.var)
    vars.set(text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1));
  const secrets =
    values['secrets-file'] === undefined
      ? {}
      : (JSON.parse(readFileSync(values['secrets-file'], 'utf8')) as Record<string, string>);
  return [
    ...Array.from(vars, ([key, text]) => ({ type: 'plain_text', name: key, text })),
    ...Object.entries(secrets).map(([key, text]) => ({ type: 'secret_text', name: key, text })),
    ...(own.d1_databases ?? []).map((it) => ({ type: 'd1', name: it.binding, id: it.database_id })),
    ...(own.kv_namespaces ?? []).map((it) => ({
      type: 'kv_namespace',
      name: it.binding,
      namespace_id: it.id,
    })),
    ...(own.r2_buckets ?? []).map((it) => ({
      type: 'r2_bucket',
      name: it.binding,
      bucket_name: it.bucket_name,
    })),
    ...(own.services ?? []).map((it) => ({ type: 'service', name: it.binding, service: it.service })),
    ...(own.durable_objects?.bindings ?? []).map((it) => ({ ...it, type: 'durable_object_namespace' })),
  ];
}

function upload(isFirst: boolean): FormData {
  const main = readFileSync(resolve(dirname(values.config), own.main ?? ''), 'utf8');
  const tag = own.migrations?.at(-1)?.tag;
  const metadata = {
    main_module: 'index.js',
    bindings: bindings(),
    compatibility_date: own.compatibility_date,
    keep_bindings: ['secret_text', 'secret_key'],
    annotations: { 'workers/message': values.message, 'workers/tag': values.tag },
    ...(tag === undefined || !isFirst ? {} : { migrations: { new_tag: tag, steps: [] } }),
  };
  const form = new FormData();
  form.set('metadata', JSON.stringify(metadata));
  form.set('index.js', new File([main], 'index.js', { type: 'application/javascript+module' }));
  return form;
}

async function exists(): Promise<boolean> {
  try {
    await call('GET', `/workers/services/${name}`);
    return true;
  } catch (error) {
    if (error instanceof Failed && error.code === 10_090) return false;
    throw error;
  }
}

async function deploy(): Promise<string> {
  let version: string;
  if (await exists()) {
    const uploaded = (await call('POST', `${script}/versions?bindings_inherit=strict`, upload(false))) as {
      id: string;
    };
    version = uploaded.id;
    await call('POST', `${script}/deployments`, {
      strategy: 'percentage',
      versions: [{ version_id: version, percentage: 100 }],
      annotations: { 'workers/message': values.message },
    });
  } else {
    const put = `${script}?excludeScript=true&bindings_inherit=strict`;
    const { deployment_id: id } = (await call('PUT', put, upload(true))) as { deployment_id: string };
    version = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  await triggers();
  return version;
}

async function triggers(): Promise<void> {
  await call('GET', `/workers/workers/${name}`);
  await call('POST', `${script}/subdomain`, { enabled: own.workers_dev ?? true });
}

function write(entry: object): void {
  const file = process.env['WRANGLER_OUTPUT_FILE_PATH'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ version: 1, ...entry })}\n`);
}

try {
  switch (positionals.join(' ')) {
    case 'deploy':
      write({ type: 'deploy', version_id: await deploy() });
      break;
    case 'versions upload': {
      await call('GET', `/workers/services/${name}`);
      const { id } = (await call('POST', `${script}/versions?bindings_inherit=strict`, upload(false))) as {
        id: string;
      };
      write({ type: 'version-upload', version_id: id });
      break;
    }
    case 'triggers deploy':
      await triggers();
      break;
    default:
      throw new Error(`not known here: wrangler ${positionals.join(' ')}`);
  }
} catch (error) {
  const { message, code } = error as Failed;
  write({ type: 'command-failed', message, ...(code === undefined ? {} : { code }) });
  process.stderr.write(`✘ [ERROR] ${message}\n`);
  process.exitCode = 1;
}
