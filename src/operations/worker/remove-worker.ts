import { readBindings, type WorkerBinding } from '../../adapters/cloudflare/workers.ts';
import { soleVersion } from '../../core/cloudflare/live-state.ts';
import { readTag } from '../../core/cloudflare/version-note.ts';
import { nothingRemoved, type RemovalResult } from '../../core/deploy/removal-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { assertNotNewer, type RemovingCommit } from '../removing-commit.ts';
import type { Reporter } from '../reporter.ts';
import { deleteWorker } from './delete-worker.ts';
import { readPast } from './read-past.ts';
import type { WorkerContext } from './request.ts';
import { beginWork, type WorkerWork } from './worker-work.ts';

export interface WorkerRemoveRequest extends WorkerContext {
  readonly service: string;
  readonly target: string;
  /** Its name at Cloudflare, as the commit before had it. */
  readonly worker: string;
  readonly commit: RemovingCommit;
}

/**
 * Deletes the worker of a service that is gone: its code, versions and secrets. Databases, key-value stores and buckets
 * stay. One with Durable Objects is left, because their data would go with it.
 *
 * @throws LaunchError when nothing was changed: SUPERSEDED (what serves is newer than the commit), CONFIG_INVALID (Launch
 *   has not deployed it), DEPLOY_FAILED (other workers need it), API_AUTH, API_ERROR, TIMEOUT, CANCELLED
 */
export async function removeWorker(request: WorkerRemoveRequest, reporter: Reporter): Promise<RemovalResult> {
  const { worker, service, target } = request;
  const work = beginWork(request, [], reporter);
  const past = await readPast(work.client, worker);
  const result = (more: Partial<RemovalResult> = {}): RemovalResult => ({
    ...nothingRemoved,
    service,
    target,
    durationMs: work.elapsedMs(),
    ...more,
  });
  if (past === undefined) return result();
  const [live] = past.deployments;
  const version = past.versions.find(({ id }) => id === (soleVersion(live) ?? live?.shares[0]?.versionId));
  if (live?.message?.startsWith('Launch') !== true && version?.message?.startsWith('Launch') !== true) {
    throw new LaunchError('CONFIG_INVALID', `"${worker}" was last deployed by somebody else than Launch.`, {
      remedy: `Nothing has been changed. Where it is to go all the same, run \`npx wrangler delete --name ${worker}\`.`,
    });
  }
  const { commit = '' } = readTag(version?.tag);
  // A version's note has but the beginning of its commit.
  const known = commit !== '' && request.commit.id.startsWith(commit) ? request.commit.id : commit;
  await assertNotNewer(
    request.commit,
    { commit: known, at: live?.createdOn ?? '' },
    { service, byHand: `npx wrangler delete --name ${worker}` },
  );
  const bindings = (await readBindings(work.client, worker)) ?? [];
  const facts = { release: worker, ...(commit === '' ? {} : { commit }) };
  const objects = bindings.filter((it) => isOwnObject(it, worker));
  if (objects.length > 0) {
    const why = `The worker ${worker} has Durable Objects (${printable(objects.map(({ name }) => name).join(', '), 200)}), whose data would go with it: delete it by hand, with \`npx wrangler delete --name ${worker}\`.`;
    reporter.warning(`"${service}" is not taken down. ${why}`);
    return result({ status: 'left', why, ...facts });
  }
  await deleteOnce(work, request, reporter);
  return result({ status: 'removed', ...facts, notices: [keptNotice(bindings)] });
}

async function deleteOnce(work: WorkerWork, request: WorkerRemoveRequest, reporter: Reporter): Promise<void> {
  work.goOn();
  const { worker } = request;
  await deleteWorker({ ...request, confirm: worker, force: false, dryRun: false }, reporter);
}

/** A class of its own; one of another worker stays with that. */
function isOwnObject({ type, fields }: WorkerBinding, worker: string): boolean {
  const { script_name: script } = fields;
  return (
    type === 'durable_object_namespace' && (script === undefined || script === null || script === worker)
  );
}

const storeTypes = ['d1', 'kv_namespace', 'r2_bucket', 'queue', 'vectorize', 'hyperdrive'];

function keptNotice(bindings: readonly WorkerBinding[]): string {
  const stores = bindings.filter(({ type }) => storeTypes.includes(type)).map(({ name }) => name);
  const kept = stores.length === 0 ? '' : ` What it stored is kept: ${printable(stores.join(', '), 300)}.`;
  return `Its versions and secrets went with it.${kept}`;
}
