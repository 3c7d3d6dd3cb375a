import { type Freeze, frozenWith } from '../core/deploy/freeze.ts';
import { charge } from './deploy/deployment.ts';
import type { LockPlace } from './deploy/lock-place.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { type FoundState, findServiceState, type StateQuestion } from './find-service-state.ts';
import type { Reporter } from './reporter.ts';

export interface FreezeRequest extends StateQuestion {
  readonly reason: string;
  /** Refuse also what touches the service. */
  readonly strict: boolean;
  readonly by?: string | undefined;
}

/** A deployment under way may take its time; nobody wants to wait for it longer than this. */
const patienceMs = 60_000;

function lockedPlace(
  found: FoundState,
  request: StateQuestion & { readonly by?: string | undefined },
  reporter: Reporter,
): LockPlace {
  return { ...found, request: { ...request, timeoutMs: patienceMs }, charge: charge(undefined), reporter };
}

/** Holds deployments of a service on this host. What serves is not touched. */
export async function freezeService(request: FreezeRequest, reporter: Reporter): Promise<Freeze> {
  const place = await findServiceState(request);
  const locked = lockedPlace(place, request, reporter);
  return await withServiceLock(locked, async (state) => {
    const [current, history] = await Promise.all([state.readCurrent(), state.readHistory()]);
    const last = history.findLast((line) => line.status !== 'unlocked');
    const freeze = frozenWith(await state.readFreeze(), {
      reason: request.reason,
      at: new Date().toISOString(),
      strict: request.strict,
      ...(request.by === undefined ? {} : { by: request.by }),
      // What failed last would otherwise be tried again with the next push.
      fingerprints: [current?.fingerprint, last?.fingerprint].filter((it) => it !== undefined),
    });
    await state.writeFreeze(freeze);
    return freeze;
  });
}

/** Lets deployments through again; gives back what held them. */
export async function unfreezeService(
  request: StateQuestion & { readonly by?: string | undefined },
  reporter: Reporter,
): Promise<Freeze | undefined> {
  const place = await findServiceState(request);
  const locked = lockedPlace(place, request, reporter);
  return await withServiceLock(locked, async (state) => {
    const freeze = await state.readFreeze();
    await state.writeFreeze(undefined);
    return freeze;
  });
}
