// Scripts, their settings, secrets and addresses.

import { createHash } from 'node:crypto';
import {
  type CloudflareAnswer,
  type CloudflareRequest,
  fields,
  Malformed,
  ok,
  page,
  Refused,
} from './envelope.ts';
import { type Resources, readUpload } from './uploads.ts';
import {
  addVersion,
  deploy,
  findWorker,
  makeWorker,
  newestLive,
  secretsOf,
  type Worker,
  type WorkersState,
} from './worker-state.ts';
import { shownBinding, shownWorker } from './worker-view.ts';

/** Where a worker answers. */
export interface Addresses {
  url(worker: string): string;
  /** Undefined: the API names none. */
  previewSuffix(worker: string): string | undefined;
}

type AsyncHandler = (request: CloudflareRequest) => CloudflareAnswer | Promise<CloudflareAnswer>;

export function workerRoutes(
  resources: Resources,
  addresses: Addresses,
): Readonly<Record<string, AsyncHandler>> {
  const state = resources.workers;
  const scripts = '/accounts/:account/workers/scripts';
  const script = `${scripts}/:name`;
  const of = ({ params }: CloudflareRequest): Worker => findWorker(state, params['name'] ?? '');
  const drop = (request: CloudflareRequest) => {
    const worker = of(request);
    refuseReferenced(resources, worker, request.query['force'] === 'true');
    state.workers.delete(worker.name);
    return ok(null);
  };
  const subdomainOf = (worker: Worker) => ({
    ...worker.subdomain,
    url: addresses.url(worker.name),
    preview_url_suffix: addresses.previewSuffix(worker.name),
  });
  return {
    [`GET ${scripts}`]: () => ok([...state.workers.values()].map((worker) => shownWorker(worker))),
    'GET /accounts/:account/workers/services/:name': ({ params }) => {
      const worker = state.workers.get(params['name'] ?? '');
      if (worker === undefined) {
        throw new Refused(404, 10090, 'workers.api.error.service_not_found');
      }
      return ok({
        id: worker.name,
        default_environment: {
          environment: 'production',
          created_on: worker.createdOn,
          modified_on: worker.deployments[0]?.createdOn ?? worker.createdOn,
          script: { ...shownWorker(worker), last_deployed_from: 'wrangler' },
        },
        created_on: worker.createdOn,
        modified_on: worker.createdOn,
        usage_model: 'standard',
      });
    },
    'DELETE /accounts/:account/workers/services/:name': drop,
    'GET /accounts/:account/workers/durable_objects/namespaces': (request) =>
      page(objectNamespaces(state), request, { least: 1, most: 1000, usual: 20 }),
    [`DELETE ${script}`]: drop,
    'GET /accounts/:account/workers/workers/:name': (request) => {
      const worker = of(request);
      return ok({ id: worker.tag, name: worker.name, subdomain: subdomainOf(worker) });
    },
    [`PUT ${script}`]: async (request) => {
      const name = request.params['name'] ?? '';
      const { upload } = await readUpload(request, name, state.workers.get(name), resources);
      const worker = state.workers.get(name) ?? makeWorker(state, name);
      const version = addVersion(state, worker, {
        ...upload,
        annotations: { ...upload.annotations, 'workers/triggered_by': 'upload' },
      });
      deploy(
        state,
        worker,
        [{ version_id: version.id, percentage: 100 }],
        { ...upload.annotations, 'workers/triggered_by': 'deployment' },
        true,
      );
      return ok({
        ...shownWorker(worker),
        deployment_id: version.id.replaceAll('-', ''),
        startup_time_ms: 5,
        entry_point: version.mainModule,
      });
    },
    [`GET ${script}/settings`]: (request) => {
      const worker = of(request);
      const version = newestLive(worker) ?? worker.versions.at(-1);
      return ok({
        ...worker.settings,
        bindings: (version?.bindings ?? []).map(shownBinding),
        compatibility_date: version?.compatibilityDate ?? '',
        compatibility_flags: version?.compatibilityFlags ?? [],
        usage_model: 'standard',
        ...(version?.migrationTag === undefined ? {} : { migration_tag: version.migrationTag }),
      });
    },
    [`GET ${script}/script-settings`]: (request) => ok(of(request).settings),
    [`PATCH ${script}/script-settings`]: (request) => {
      const worker = of(request);
      const known = ['tail_consumers', 'logpush', 'observability', 'tags'];
      worker.settings = { ...worker.settings, ...fields(request, known) };
      return ok(worker.settings);
    },
    [`GET ${script}/subdomain`]: (request) => ok(of(request).subdomain),
    [`POST ${script}/subdomain`]: (request) => {
      const worker = of(request);
      const { enabled, previews_enabled } = fields(request, ['enabled', 'previews_enabled']);
      if (typeof enabled !== 'boolean') throw new Malformed('subdomain.enabled is no boolean');
      // Previews go with the address unless they are named (unverified).
      worker.subdomain = { enabled, previews_enabled: (previews_enabled ?? enabled) === true };
      return ok(worker.subdomain);
    },
    [`PUT ${script}/schedules`]: (request) => {
      of(request).schedules = Array.isArray(request.body) ? request.body : [];
      return ok({ schedules: request.body });
    },
    [`GET ${script}/schedules`]: (request) => ok({ schedules: of(request).schedules }),
    [`GET ${script}/secrets`]: (request) => {
      const version = newestLive(of(request)) ?? of(request).versions.at(-1);
      const names = version === undefined ? [] : [...secretsOf(version).keys()];
      return ok(names.map((name) => ({ name, type: 'secret_text' })));
    },
  };
}

/** (code unverified) */
function refuseReferenced({ workers }: Resources, worker: Worker, force: boolean): void {
  if (force) return;
  const users = [...workers.workers.values()].filter(
    (other) =>
      other.name !== worker.name &&
      newestLive(other)?.bindings.some(
        (binding) => binding['service'] === worker.name || binding['script_name'] === worker.name,
      ),
  );
  if (users.length === 0) return;
  throw new Refused(
    400,
    10064,
    `Cannot delete this Worker as it is still referenced by other Workers: ${users.map(({ name }) => name).join(', ')}.`,
  );
}

/** One of each Durable Object class that a worker binds of its own. */
function objectNamespaces(state: WorkersState) {
  return [...state.workers.values()].flatMap((worker) =>
    (newestLive(worker)?.bindings ?? [])
      .filter(({ type, script_name }) => type === 'durable_object_namespace' && script_name === undefined)
      .map(({ class_name }) => ({
        id: createHash('md5')
          .update(`${worker.tag}_${String(class_name)}`)
          .digest('hex'),
        name: `${worker.name}_${String(class_name)}`,
        script: worker.name,
        class: class_name,
        use_sqlite: true,
      })),
  );
}
