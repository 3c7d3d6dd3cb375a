import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { JournalEntry } from '../../core/deploy/journal.ts';
import type { Release } from '../../core/deploy/release.ts';
import type { Failure } from '../../core/deploy/result.ts';
import type { Driver, TakenDown } from './driver.ts';

/**
 * Takes a release down that the journal says is to go, and records that it is gone. Whatever was done of it before is
 * done again, or found done. With a failure nothing is recorded, and it still counts as what serves.
 */
export async function finishRemoval(
  state: ServiceState,
  driver: Driver,
  release: Release,
  { at, removal = {} }: Pick<JournalEntry, 'at' | 'removal'>,
): Promise<TakenDown | Failure> {
  const taken = await driver.takeDown(release);
  if ('reason' in taken) return taken;
  const { by, run, trigger, reason, commit, order } = removal;
  // Before the release counts as gone: an older run must not bring it back in between.
  if (commit !== undefined) {
    await state.writeNewest({ release: release.id, commit, ...(order === undefined ? {} : { order }) });
  }
  // It held what was wrong with the release; what is deployed next is another one.
  await state.writeFreeze(undefined);
  await state.clearCurrent();
  const known = await state.readHistory();
  if (known.some((line) => line.status === 'removed' && line.release === release.id && line.at === at)) {
    return taken;
  }
  await state.appendHistory({
    release: release.id,
    at,
    commit: release.commit,
    status: 'removed',
    durationMs: Math.max(0, Date.now() - Date.parse(at)),
    fingerprint: release.fingerprint,
    ...(by === undefined ? {} : { by }),
    ...(run === undefined ? {} : { run }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(reason === undefined ? {} : { reason }),
  });
  return taken;
}
