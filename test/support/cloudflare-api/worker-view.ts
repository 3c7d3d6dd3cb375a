// What the API shows of a worker; never the value of a secret.
import { type Deployment, newestLive, type Version, type Worker } from './worker-state.ts';

export function shownWorker(worker: Worker) {
  const version = newestLive(worker) ?? worker.versions.at(-1);
  return {
    id: worker.name,
    tag: worker.tag,
    tags: worker.settings['tags'] ?? [],
    etag: version?.etag ?? '',
    handlers: ['fetch'],
    created_on: worker.createdOn,
    modified_on: worker.deployments[0]?.createdOn ?? worker.createdOn,
    has_assets: false,
    has_modules: true,
    usage_model: 'standard',
    ...(version?.migrationTag === undefined ? {} : { migration_tag: version.migrationTag }),
  };
}

export function shownBinding(binding: { readonly type: string; readonly [field: string]: unknown }) {
  return binding.type === 'secret_text' ? { type: binding.type, name: binding['name'] } : binding;
}

export function listedVersion(version: Version, author: string, worker: Worker) {
  return {
    id: version.id,
    number: version.number,
    metadata: {
      author_email: author,
      author_id: 'd'.repeat(32),
      created_on: version.createdOn,
      modified_on: version.createdOn,
      source: 'wrangler',
      // A worker with Durable Objects has no previews.
      has_preview:
        worker.subdomain.previews_enabled &&
        !version.bindings.some(({ type }) => type === 'durable_object_namespace'),
    },
    annotations: version.annotations,
  };
}

export function shownVersion(version: Version, author: string, worker: Worker) {
  return {
    ...listedVersion(version, author, worker),
    resources: {
      bindings: version.bindings.map(shownBinding),
      script: { etag: version.etag, handlers: ['fetch'], last_deployed_from: 'wrangler' },
      script_runtime: {
        compatibility_date: version.compatibilityDate,
        compatibility_flags: version.compatibilityFlags,
        usage_model: 'standard',
        ...(version.migrationTag === undefined ? {} : { migration_tag: version.migrationTag }),
      },
    },
  };
}

export function shownDeployment(deployment: Deployment, author: string) {
  return {
    id: deployment.id,
    source: 'wrangler',
    strategy: 'percentage',
    author_email: author,
    created_on: deployment.createdOn,
    annotations: deployment.annotations,
    versions: deployment.versions,
  };
}
