// Repositories with workers, and the real wrangler as theirs; deployed by the action as it ships, to a stand-in for
// Cloudflare's API.
import { resolve } from 'node:path';
import type { FakeCloudflare } from './cloudflare-api/server.ts';
import type { Worker } from './cloudflare-api/worker-state.ts';
import { createRepository, type Files, type Repository } from './repository.ts';
import { type ActionResult, type ActionRun, runAction, startAction } from './run-action.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface WorkerSource {
  /** What it answers; default its name. */
  readonly text?: string;
  readonly status?: number;
  /** Added to its wrangler configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Lines of service.yml. */
  readonly service?: readonly string[];
}

/** The files of a worker in `services/<name>`. Its previews are off: at the stand-in nothing answers there. */
export function workerFiles(name: string, source: WorkerSource = {}): Files {
  const { text = name, status = 200, config = {}, service = [] } = source;
  const settings = {
    name,
    main: 'src/index.ts',
    compatibility_date: '2026-11-01',
    preview_urls: false,
    ...config,
  };
  return {
    [`services/${name}/wrangler.jsonc`]: `// ${name}\n${JSON.stringify(settings, null, 2)}\n`,
    [`services/${name}/src/index.ts`]: workerCode(text, status),
    ...(service.length === 0 ? {} : { [`services/${name}/service.yml`]: `${service.join('\n')}\n` }),
  };
}

export function workerCode(text: string, status = 200): string {
  return `export default {\n  async fetch(): Promise<Response> {\n    return new Response("${text}", { status: ${status} });\n  },\n};\n`;
}

/** A repository with these files and wrangler in its node_modules. */
export function workerRepository(files: Files): Repository {
  const repository = createRepository();
  repository.commit({
    '.gitignore': 'node_modules\n.wrangler\n',
    'launch.yml': 'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker }\n',
    ...files,
  });
  repository.write({ 'node_modules/wrangler': { symlink: resolve(ROOT, 'node_modules/wrangler') } });
  return repository;
}

/** What `wrangler-deploy` needs to reach the stand-in. */
export function toFake(fake: FakeCloudflare, run: ActionRun = {}): ActionRun {
  const { inputs = {}, env = {}, ...rest } = run;
  return {
    ...rest,
    // As on a runner whose tool cache is gone with it: nothing is worth keeping there.
    env: { CLOUDFLARE_API_BASE_URL: fake.url, RUNNER_ENVIRONMENT: 'github-hosted', ...env },
    inputs: { 'api-token': fake.token, 'account-id': fake.accountId, ...inputs },
  };
}

export async function wranglerDeploy(
  fake: FakeCloudflare,
  repository: Repository,
  inputs: NonNullable<ActionRun['inputs']>,
  run: ActionRun = {},
): Promise<ActionResult> {
  return await runAction('wrangler-deploy', toFake(fake, { cwd: repository.path, ...run, inputs }));
}

export function startWranglerDeploy(
  fake: FakeCloudflare,
  repository: Repository,
  inputs: NonNullable<ActionRun['inputs']>,
  run: ActionRun = {},
) {
  return startAction(
    'wrangler-deploy',
    toFake(fake, { cwd: repository.path, ownGroup: true, ...run, inputs }),
  );
}

/** A worker that Launch has deployed before, without a wrangler to do it: gives the id of its version. */
export async function seedWorker(
  fake: FakeCloudflare,
  name: string,
  text: string,
  before?: string,
  metadata: object = {},
): Promise<string> {
  const message = `Launch, by octocat${before === undefined ? '' : `, before ${before}`}`;
  const annotations = { 'workers/message': message };
  await send(fake, 'PUT', scripts(name), upload(text, { annotations, ...metadata }));
  await send(fake, 'POST', `${scripts(name)}/subdomain`, { enabled: true, previews_enabled: false });
  const id = workerAt(fake, name).versions.at(-1)?.id ?? '';
  await setTraffic(fake, name, { [id]: 100 }, 'Launch, settled');
  return id;
}

/** A version that gets no traffic, as somebody would upload it for a preview. */
export async function uploadVersion(fake: FakeCloudflare, name: string, text: string): Promise<void> {
  await send(fake, 'POST', `${scripts(name)}/versions`, upload(text, {}));
}

function upload(text: string, metadata: object): FormData {
  const form = new FormData();
  form.set('metadata', JSON.stringify({ main_module: 'index.js', bindings: [], ...metadata }));
  form.set('index.js', new File([workerCode(text)], 'index.js', { type: 'application/javascript+module' }));
  return form;
}

/** Gives versions their shares, as somebody would by hand. */
export async function setTraffic(
  fake: FakeCloudflare,
  name: string,
  shares: Readonly<Record<string, number>>,
  message: string,
): Promise<void> {
  const versions = Object.entries(shares).map(([version_id, percentage]) => ({ version_id, percentage }));
  const annotations = { 'workers/message': message };
  const path = `${scripts(name)}/deployments?force=true`;
  await send(fake, 'POST', path, {
    strategy: 'percentage',
    versions,
    annotations,
  });
}

export async function makeBucket(fake: FakeCloudflare, name: string): Promise<void> {
  await send(fake, 'POST', '/r2/buckets', { name });
}

function scripts(name: string): string {
  return `/workers/scripts/${name}`;
}

/** A request of somebody else's, with the same token. */
async function send(fake: FakeCloudflare, method: string, path: string, body: FormData | object) {
  const isForm = body instanceof FormData;
  const response = await fetch(`${fake.url}/accounts/${fake.accountId}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${fake.token}`,
      ...(isForm ? {} : { 'content-type': 'application/json' }),
    },
    body: isForm ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
}

/** The worker at the stand-in. */
export function workerAt(fake: FakeCloudflare, name: string): Worker {
  const worker = fake.workers.get(name);
  if (worker === undefined) throw new Error(`there is no worker ${name}`);
  return worker;
}

/** The traffic as `{ <text of the version>: percentage }`. */
export function trafficOf(fake: FakeCloudflare, name: string): Readonly<Record<string, number>> {
  const { deployments, versions } = workerAt(fake, name);
  return Object.fromEntries(
    (deployments[0]?.versions ?? []).map(({ version_id, percentage }) => {
      const version = versions.find(({ id }) => id === version_id);
      const module = version?.modules.get(version.mainModule) ?? '';
      return [/Response\("([^"]*)"/.exec(module)?.[1] ?? '', percentage];
    }),
  );
}

/** Everything a run has told anybody. */
export function toldBy(run: ActionResult): string {
  return run.stdout.replace(/::add-mask::.*/g, '') + run.stderr + run.summary + JSON.stringify(run.outputs);
}
