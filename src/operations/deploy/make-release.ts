import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { takeSnapshot } from '../../adapters/snapshot/take-snapshot.ts';
import { onDisk, writeWhole } from '../../adapters/state/on-disk.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { type Release, releaseId } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
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
  const { top, commit, folder, inputs, owner, placement, request } = deployment;
  const at = new Date();
  const id = releaseId(at, commit, await state.listReleases());
  await state.appendJournal({ step: 'snapshot', at: at.toISOString(), release: id });
  const path = await state.makeRelease(id);
  const destination = join(path, layout.snapshot);
  const entries = await takeSnapshot({ top, commit, folder, inputs, destination });
  const release: Release = {
    format: 1,
    id,
    ...owner,
    driver: placement.driver,
    status: 'prepared',
    commit,
    fingerprint: deployment.fingerprint,
    seal,
    secretNames: [...deployment.secretNames],
    at: at.toISOString(),
    folder,
    mounts: [],
    images: {},
    containers: [],
    ...(request.by === undefined ? {} : { by: request.by }),
    ...(request.runUrl === undefined ? {} : { run: request.runUrl }),
    ...(deployment.port === undefined ? {} : { port: deployment.port }),
    ...(placement.url === undefined ? {} : { url: placement.url }),
    ...(previous === undefined ? {} : { previous: previous.id }),
  };
  await state.writeRelease(release);
  await onDisk(path, async () => await writeWhole(reservePath(path), '.'.repeat(reserveBytes)));
  return { draft: { id, path, entries }, release };
}

export async function freeReserve(draft: Draft): Promise<void> {
  await rm(reservePath(draft.path), { force: true });
}

function reservePath(path: string): string {
  return join(path, '.reserve');
}
