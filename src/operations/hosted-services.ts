import { relative } from 'node:path';
import { isLocked } from '../adapters/state/flock.ts';
import { readLockOwner } from '../adapters/state/lock-owner.ts';
import { serviceFolders } from '../adapters/state/service-folders.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import type { HostedService } from '../core/deploy/orphan.ts';
import { lastRemoval, type Release } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import type { FoundLock } from '../core/diagnosis.ts';
import { printable } from '../core/names.ts';

/** A service of this host with what its state folder tells of it at this moment. */
export interface HostedNow extends HostedService {
  readonly current: Release | undefined;
  readonly lock: FoundLock;
}

/** Every service that has a state folder below the root. Changes nothing. */
export async function hostedServices(stateRoot: string, env: NodeJS.ProcessEnv): Promise<HostedNow[]> {
  const folders = await serviceFolders(stateRoot);
  return await Promise.all(folders.map(async (folder) => await lookAt(folder, stateRoot, hostPart(env))));
}

async function lookAt(folder: string, stateRoot: string, env: NodeJS.ProcessEnv): Promise<HostedNow> {
  const state = openServiceState(folder, false);
  const path = `${folder}/${layout.lock}`;
  // The journal first: a deployment that ends in between leaves neither.
  const journal = await state.readJournal();
  const [current, held, owner] = await Promise.all([
    state.readCurrent(),
    isLocked(path, env),
    readLockOwner(path),
  ]);
  const [first = '', second = '', ...rest] = relative(stateRoot, folder).split('/');
  // The record has the names as they are; folders may have been made safe.
  const key = {
    repository: current?.repository ?? `${first}/${second}`,
    target: current?.target ?? rest[0] ?? '',
    service: current?.service ?? rest[1] ?? '',
  };
  const unfinished = journal.at(-1)?.release;
  const [who, since] = [printable(owner?.who ?? 'another process'), printable(owner?.since ?? 'some time')];
  return {
    ...key,
    folder,
    current,
    project: current?.project,
    removedAt: current === undefined ? lastRemoval(await state.readHistory())?.at : undefined,
    isUnsettled: held || unfinished !== undefined,
    lock: {
      place: `${key.service} on ${key.target}`,
      service: key.service,
      holder: held ? { who, since } : undefined,
      unfinished,
    },
  };
}
