import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../adapters/state/lock.ts';
import { openServiceState, type ServiceState } from '../../adapters/state/service-state.ts';
import { makeStateFolder } from '../../adapters/state/state-root.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { printable } from '../../core/names.ts';
import { type Guarded, guardedBy } from './guarded-by-lock.ts';
import { withinGrace } from './hand-over.ts';
import type { LockPlace } from './lock-place.ts';
import { watchedState } from './watched.ts';

/** One deployment per service and target at a time, whoever starts it. */
export async function withServiceLock<T>(
  deployment: LockPlace,
  body: (state: ServiceState, guarded: Guarded) => Promise<T>,
): Promise<T> {
  const { stateRoot, stateFolder, request, reporter, owner } = deployment;
  const { shared } = await makeStateFolder(stateRoot, stateFolder);
  const folder = join(stateRoot, stateFolder);
  const lock = await takeLock({
    path: join(folder, layout.lock),
    owner: { who: whoDeploys(deployment), since: new Date().toISOString(), pid: process.pid },
    timeout: request.timeoutMs,
    mode: shared ? 0o660 : 0o600,
    // What waits needs no secret.
    env: hostPart(request.hostEnv),
    signal: request.signal,
    onWait: (holder, waiting) => {
      const who =
        holder === undefined
          ? 'another process'
          : `${printable(holder.who)} since ${printable(holder.since)}`;
      const more = waiting === 0 ? '' : `; ${waiting} more came before this one`;
      reporter.info(`Waiting for the deployment of ${owner.service} on ${owner.target} by ${who}${more}.`);
    },
  });
  const state = watchedState(openServiceState(folder, shared), deployment.charge.beforeEffect);
  const guarded = guardedBy(lock, folder, shared);
  const login = join(folder, layout.login);
  try {
    // A login that a killed run has left behind.
    await rm(login, { recursive: true, force: true });
    return await withinGrace(deployment, state, guarded, async () => await body(state, guarded));
  } finally {
    const isLeft = await guarded.end(state);
    // What the guardian has still to do may need it, and ends it.
    if (!isLeft) await rm(login, { recursive: true, force: true });
    await lock.release(isLeft);
  }
}

function whoDeploys({ request }: LockPlace): string {
  if (request.runUrl !== undefined) return request.runUrl;
  if (request.by !== undefined) return request.by.includes('@') ? request.by : `${request.by}@${hostname()}`;
  return `${userName()}@${hostname()}`;
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
