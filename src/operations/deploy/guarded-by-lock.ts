import type { Lock } from '../../adapters/state/lock.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Deployment } from './deployment.ts';
import { type Guardian, startGuardian } from './guardian.ts';

/** What the guardian is started by. */
export interface Guarded {
  start(deployment: Deployment): Promise<Guardian>;
}

export interface GuardedByLock extends Guarded {
  /** Undefined as long as there is none. */
  current(): Promise<Guardian | undefined>;
  /** Sends it away when all is recorded; else it brings to an end what this process could not, and that is true. */
  end(state: ServiceState): Promise<boolean>;
}

/** The guardian of the deployment that holds the lock. */
export function guardedBy(lock: Lock, folder: string, shared: boolean): GuardedByLock {
  let started: Promise<Guardian> | undefined;
  const current = async () => await started?.catch(() => undefined);
  return {
    current,
    start: (deployment) => {
      started = startGuardian(deployment, { folder, shared, lock });
      // Who waits for it hears of it; who fails before need not.
      started.catch(() => {});
      return started;
    },
    async end(state) {
      const guardian = await current();
      if (guardian === undefined) return false;
      if ((await state.readJournal()).length > 0) {
        guardian.leave();
        return true;
      }
      await guardian.dismiss();
      return false;
    },
  };
}
