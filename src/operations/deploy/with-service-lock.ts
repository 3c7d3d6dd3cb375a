import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../adapters/state/lock.ts';
import { openServiceState, type ServiceState } from '../../adapters/state/service-state.ts';
import { makeStateFolder } from '../../adapters/state/state-root.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { printable } from '../../core/names.ts';
import type { Deployment } from './deployment.ts';

/** What of a deployment says where its lock is. */
export type Place = Pick<Deployment, 'stateRoot' | 'stateFolder' | 'reporter' | 'owner'> & {
  readonly request: Pick<Deployment['request'], 'timeoutMs' | 'hostEnv' | 'signal' | 'runUrl' | 'by'>;
};

/** One deployment per service and target at a time, whoever starts it. */
export async function withServiceLock<T>(
  deployment: Place,
  body: (state: ServiceState) => Promise<T>,
): Promise<T> {
  const { stateRoot, stateFolder, request, reporter, owner } = deployment;
  const { shared } = await makeStateFolder(stateRoot, stateFolder);
  const folder = join(stateRoot, stateFolder);
  const lock = await takeLock({
    path: join(folder, layout.lock),
    owner: { who: whoDeploys(deployment), since: new Date().toISOString() },
    timeout: request.timeoutMs,
    mode: shared ? 0o660 : 0o600,
    // The holder needs no secret.
    env: hostPart(request.hostEnv),
    signal: request.signal,
    onWait: (holder) => {
      const who =
        holder === undefined
          ? 'another process'
          : `${printable(holder.who)} since ${printable(holder.since)}`;
      reporter.info(`Waiting for the deployment of ${owner.service} on ${owner.target} by ${who}.`);
    },
  });
  const login = join(folder, layout.login);
  try {
    // A login that a killed run has left behind.
    await rm(login, { recursive: true, force: true });
    return await body(openServiceState(folder, shared));
  } finally {
    await rm(login, { recursive: true, force: true });
    await lock.release();
  }
}

function whoDeploys({ request }: Place): string {
  if (request.runUrl !== undefined) return request.runUrl;
  if (request.by !== undefined) return `${request.by}@${hostname()}`;
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
