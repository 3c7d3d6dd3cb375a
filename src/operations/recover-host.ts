import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { takeLock } from '../adapters/state/lock.ts';
import { serviceFolders } from '../adapters/state/service-folders.ts';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { isShared } from '../adapters/state/state-root.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { recoveryFor } from '../core/deploy/journal.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { driverFor } from './deploy/driver-for.ts';
import { recordedDeployment } from './deploy/recorded-deployment.ts';
import { type Recovered, recover } from './deploy/recover.ts';
import { restoreRoutes } from './edge/restore-routes.ts';
import type { Reporter } from './reporter.ts';

export interface RecoverRequest {
  readonly stateDir?: string | undefined;
  /** Who does it; for the lock. */
  readonly by: string;
  readonly hostEnv: NodeJS.ProcessEnv;
}

/** What was found of one service on one target. */
export interface RecoveredService {
  readonly service: string;
  readonly target: string;
  readonly repository: string;
  readonly result: Recovered | { readonly kind: 'left'; readonly because: string };
}

/** Brings to an end what was cut off of every service of this host; those that are being deployed are left alone. */
export async function recoverHost(
  request: RecoverRequest,
  reporter: Reporter,
): Promise<readonly RecoveredService[]> {
  const root = findStateRoot(request.stateDir, request.hostEnv);
  const found: RecoveredService[] = [];
  for (const folder of await unfinished(root)) {
    const [owner = '', name = '', target = '', service = ''] = relative(root, folder).split('/');
    const result = await reporter.group(`${service} on ${target}`, async () => {
      try {
        return await recoverService(root, folder, request, reporter);
      } catch (error) {
        if (!(error instanceof LaunchError)) throw error;
        return { kind: 'left', because: error.message } as const;
      }
    });
    found.push({ repository: `${owner}/${name}`, target, service, result });
  }
  await leadRoutes(root, request, reporter);
  return found;
}

/** After a restart of the host the containers have other addresses than the edge proxy knows. */
async function leadRoutes(
  stateRoot: string,
  { hostEnv: env, by }: RecoverRequest,
  reporter: Reporter,
): Promise<void> {
  try {
    await restoreRoutes({ stateRoot, env, by, patienceMs: 5000 }, reporter);
  } catch (error) {
    // That a service is back is worth more than that all of them can be reached.
    if (!(error instanceof LaunchError)) throw error;
    reporter.warning(error.message);
  }
}

/**
 * @throws LaunchError LOCK_HELD while it is being deployed, ENGINE_UNAVAILABLE, ROLLBACK_FAILED, SECRET_MISSING
 *   where a script would need them
 */
export async function recoverService(
  root: string,
  folder: string,
  { hostEnv, by }: Omit<RecoverRequest, 'stateDir'>,
  reporter: Reporter,
): Promise<Recovered> {
  const shared = await isShared(root);
  const lock = await takeLock({
    path: join(folder, layout.lock),
    owner: { who: by, since: new Date().toISOString(), pid: process.pid },
    timeout: 0,
    mode: shared ? 0o660 : 0o600,
    env: hostPart(hostEnv),
    onWait: () => {},
  });
  try {
    return await recoverLocked(root, openServiceState(folder, shared), hostEnv, reporter);
  } finally {
    await rm(join(folder, layout.login), { recursive: true, force: true });
    await lock.release();
  }
}

async function recoverLocked(
  root: string,
  state: ServiceState,
  hostEnv: NodeJS.ProcessEnv,
  reporter: Reporter,
): Promise<Recovered> {
  const recovery = recoveryFor(await state.readJournal());
  if (recovery.kind === 'none') return { kind: 'nothing' };
  const id = recovery.kind === 'discard' ? recovery.release : recovery.start.release;
  const release = await state.readRelease(id);
  if (release === undefined) {
    // Not even its record was written: nothing of what runs was touched.
    await state.removeRelease(id);
    await state.clearJournal();
    return { kind: 'dropped', release: id };
  }
  if (release.driver === 'script' && recovery.kind !== 'discard' && release.secretNames.length > 0) {
    throw new LaunchError(
      'SECRET_MISSING',
      `The ${recovery.kind === 'remove' ? 'remove.sh' : 'deploy.sh'} of "${release.service}" needs secrets, which are not kept on this host.`,
      { remedy: `Run the same again: that run is given them, and finishes or undoes ${id}.` },
    );
  }
  const place = { stateRoot: root, stateFolder: relative(root, state.folder) };
  const deployment = recordedDeployment(release, place, { hostEnv, reporter });
  const driver = await driverFor(deployment, state.folder, state);
  try {
    await driver.assertReady();
    return await recover(deployment, state, driver);
  } finally {
    driver.close();
  }
}

/** The folders of all services with something in their journal. */
async function unfinished(root: string): Promise<string[]> {
  const journals = await Promise.all(
    (await serviceFolders(root)).map(async (folder) =>
      (await openServiceState(folder, false).readJournal()).length > 0 ? [folder] : [],
    ),
  );
  return journals.flat();
}
