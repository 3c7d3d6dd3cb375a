import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copySnapshot } from '../../adapters/snapshot/copy-snapshot.ts';
import { type SnapshotEntries, takeSnapshot } from '../../adapters/snapshot/take-snapshot.ts';
import { onDisk, writeWhole } from '../../adapters/state/on-disk.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { lineBefore, originOf } from '../../core/deploy/choose-release.ts';
import { deploymentStatus, type Release, releaseId } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { recordOf } from '../../core/deploy/trigger.ts';
import type { Deployment } from './deployment.ts';
import type { Draft } from './driver.ts';

/** Room that is given free again for the record, so that a disk which fills up meanwhile can't swallow it. */
const reserveBytes = 64 * 1024;

/** Makes the folder of a new release: the commit's files, a first record, and a little room for the last one. */
export async function makeRelease(
  deployment: Deployment,
  state: ServiceState,
  previous: Release | undefined,
  seal: string,
): Promise<{ readonly draft: Draft; readonly release: Release }> {
  const { commit, folder, owner, placement, request, restores, registries } = deployment;
  const at = new Date();
  const id = releaseId(at, commit, await state.listReleases());
  await announce(deployment, state, id, previous);
  await state.appendJournal({ step: 'snapshot', at: at.toISOString(), release: id });
  const path = await state.makeRelease(id);
  await deployment.charge.beforeEffect('take the snapshot');
  const entries = await bringContent(deployment, join(path, layout.snapshot));
  const { env, withheld } = handedOver(deployment);
  const release: Release = {
    format: 1,
    id,
    ...owner,
    driver: placement.driver,
    status: 'prepared',
    commit,
    fingerprint: deployment.fingerprint,
    seal,
    secretNames: [...new Set([...deployment.secretNames, ...withheld])].sort(),
    at: at.toISOString(),
    folder,
    mounts: [],
    images: {},
    containers: [],
    ...(request.by === undefined ? {} : { by: request.by }),
    ...(request.runUrl === undefined ? {} : { run: request.runUrl }),
    ...(request.trigger === undefined
      ? {}
      : { trigger: recordOf(request.trigger, commit, request.force && restores === undefined) }),
    ...(request.order === undefined ? {} : { order: request.order }),
    ...(deployment.port === undefined ? {} : { port: deployment.port }),
    ...(placement.url === undefined ? {} : { url: placement.url }),
    ...(previous === undefined ? {} : { previous: previous.id }),
    ...(restores === undefined ? {} : lineOf(restores.release)),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(registries.length === 0 ? {} : { registries: [...registries] }),
    ...(placement.target.secretPrefix === undefined ? {} : { secretPrefix: placement.target.secretPrefix }),
  };
  await state.writeRelease(release);
  await onDisk(path, async () => await writeWhole(reservePath(path), '.'.repeat(reserveBytes)));
  return { draft: { id, path, entries }, release };
}

/** What the caller hears while nothing of the release is on the host yet. */
async function announce(
  { commit, owner, placement, request }: Deployment,
  state: ServiceState,
  release: string,
  previous: Release | undefined,
): Promise<void> {
  if (request.onRelease === undefined) return;
  const { service, target } = owner;
  const ended = new Map(
    (await state.readHistory()).flatMap((line) => {
      const status = deploymentStatus(line);
      return status === undefined ? [] : [[line.release, status] as const];
    }),
  );
  request.onRelease(
    { folder: state.folder, service, target, release, commit, previous: previous?.id, url: placement.url },
    (id) => ended.get(id),
  );
}

/** The commit's files, or those of the release that comes back. */
async function bringContent(deployment: Deployment, destination: string): Promise<SnapshotEntries> {
  const { top, commit, folder, inputs, restores } = deployment;
  if (restores === undefined) return await takeSnapshot({ top, commit, folder, inputs, destination });
  await copySnapshot(join(restores.path, layout.snapshot), destination);
  return new Map();
}

function lineOf(restored: Release): Pick<Release, 'restores' | 'before'> {
  const before = lineBefore(restored);
  return { restores: originOf(restored), ...(before === undefined ? {} : { before }) };
}

/** The `env` input as it may be kept: a value that holds a secret is one, whichever way it came in. */
function handedOver({ request, redact }: Deployment): {
  readonly env: Record<string, string>;
  readonly withheld: readonly string[];
} {
  const all = [...request.env];
  const isPlain = ([, value]: readonly [string, string]) => redact(value) === value;
  return {
    env: Object.fromEntries(all.filter(isPlain)),
    withheld: all.filter((it) => !isPlain(it)).map(([name]) => name),
  };
}

export async function freeReserve(draft: Draft): Promise<void> {
  await rm(reservePath(draft.path), { force: true });
}

function reservePath(path: string): string {
  return join(path, layout.reserve);
}
