// Versions of a worker, which never change, and deployments, which share its traffic among them.
import {
  type CloudflareAnswer,
  type CloudflareRequest,
  fields,
  Malformed,
  ok,
  Refused,
  record,
  text,
} from './envelope.ts';
import { annotations, type Resources, readUpload } from './uploads.ts';
import {
  addVersion,
  deploy,
  deployable,
  findVersion,
  findWorker,
  newestLive,
  type Share,
  type Worker,
} from './worker-state.ts';
import { listedVersion, shownDeployment, shownVersion } from './worker-view.ts';

type AsyncHandler = (request: CloudflareRequest) => CloudflareAnswer | Promise<CloudflareAnswer>;

export function versionRoutes(resources: Resources): Readonly<Record<string, AsyncHandler>> {
  const state = resources.workers;
  const script = '/accounts/:account/workers/scripts/:name';
  const of = ({ params }: CloudflareRequest): Worker => findWorker(state, params['name'] ?? '');
  return {
    [`POST ${script}/versions`]: async (request) => {
      const worker = of(request);
      const { upload, migrates } = await readUpload(request, worker.name, worker, resources);
      if (migrates) {
        throw new Refused(
          400,
          10211,
          'Version upload failed: a version with a Durable Object migration must be deployed with "wrangler deploy".',
        );
      }
      const version = addVersion(state, worker, {
        ...upload,
        annotations: { ...upload.annotations, 'workers/triggered_by': 'version_upload' },
      });
      return ok({ ...shownVersion(version, state.account.email, worker), startup_time_ms: 5 });
    },
    [`GET ${script}/versions`]: (request) => {
      const worker = of(request);
      const versions = [...(request.query['deployable'] === 'true' ? deployable(worker) : worker.versions)];
      const newest = versions.reverse();
      const size = Number(request.query['per_page'] ?? (request.query['deployable'] === 'true' ? 100 : 10));
      const number = Number(request.query['page'] ?? 1);
      const items = newest
        .slice((number - 1) * size, number * size)
        .map((version) => listedVersion(version, state.account.email, worker));
      return ok(
        { items },
        { page: number, per_page: size, count: items.length, total_count: versions.length },
      );
    },
    [`GET ${script}/versions/:version`]: (request) => {
      const worker = of(request);
      return ok(
        shownVersion(findVersion(worker, request.params['version'] ?? ''), state.account.email, worker),
      );
    },
    [`GET ${script}/deployments`]: (request) => {
      const worker = of(request);
      return ok({
        deployments: worker.deployments.map((deployment) => shownDeployment(deployment, state.account.email)),
      });
    },
    [`POST ${script}/deployments`]: (request) => {
      const worker = of(request);
      const {
        strategy,
        versions,
        annotations: notes,
      } = fields(request, [
        'strategy',
        'versions',
        'annotations',
        'code_update_strategy',
        'durable_objects_code_update_strategy',
      ]);
      if (strategy !== 'percentage') throw new Malformed(`the strategy is ${String(strategy)}`);
      const deployment = deploy(
        state,
        worker,
        readShares(versions),
        { 'workers/triggered_by': 'deployment', ...annotations(notes) },
        request.query['force'] === 'true',
      );
      return ok(shownDeployment(deployment, state.account.email));
    },
    [`PATCH ${script}/secrets-bulk`]: (request) => patchSecrets(request, of(request), resources),
  };
}

function readShares(value: unknown): readonly Share[] {
  if (!Array.isArray(value)) throw new Malformed('versions is no list');
  return value.map((item: unknown) => {
    const { version_id, percentage } = record(item, 'a share');
    if (typeof percentage !== 'number') throw new Malformed('a percentage is no number');
    return { version_id: text(version_id, 'version_id'), percentage };
  });
}

/** A new version with the new secrets, which gets all of the traffic. */
function patchSecrets(request: CloudflareRequest, worker: Worker, { workers: state }: Resources) {
  if (!String(request.headers['content-type']).startsWith('application/merge-patch+json')) {
    throw new Malformed('secrets-bulk takes application/merge-patch+json');
  }
  const secrets = record(fields(request, ['secrets'])['secrets'], 'secrets');
  const latest = worker.versions.at(-1);
  if (latest === undefined || newestLive(worker)?.id !== latest.id) {
    throw new Refused(
      400,
      10215,
      "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
    );
  }
  const changed = Object.entries(secrets).flatMap(([name, value]) => {
    if (value === null) return [];
    const secret = record(value, name);
    if (secret['name'] !== name || secret['type'] !== 'secret_text') throw new Malformed(`secret ${name}`);
    return [{ name, type: 'secret_text', text: String(secret['text']) }];
  });
  const others = latest.bindings.filter(({ name }) => !Object.hasOwn(secrets, name));
  const version = addVersion(state, worker, {
    ...latest,
    bindings: [...others, ...changed],
    annotations: { 'workers/triggered_by': 'secret' },
  });
  deploy(
    state,
    worker,
    [{ version_id: version.id, percentage: 100 }],
    { 'workers/triggered_by': 'secret' },
    true,
  );
  return ok(changed.map(({ name, type }) => ({ name, type })));
}
