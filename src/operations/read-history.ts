import { join } from 'node:path';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { leftOver } from '../core/deploy/choose-release.ts';
import type { Freeze } from '../core/deploy/freeze.ts';
import type { HistoryLine } from '../core/deploy/release.ts';
import { type StateKey, stateFolder } from '../core/deploy/state-layout.ts';

export interface HistoryRequest extends StateKey {
  readonly stateDir?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
}

export interface ServiceHistory {
  /** Newest first. */
  readonly deployments: readonly HistoryLine[];
  /** The release that serves; undefined when none does. */
  readonly current: string | undefined;
  /** One that failed after it, and was left as it is. */
  readonly left: string | undefined;
  /** Releases that are kept, with an outcome. */
  readonly restorable: readonly string[];
  readonly frozen: Freeze | undefined;
}

/** What was deployed of a service on this host; empty when nothing was. */
export async function readHistory(request: HistoryRequest): Promise<ServiceHistory> {
  const root = findStateRoot(request.stateDir, request.hostEnv);
  const state = openServiceState(join(root, stateFolder(request)), false);
  const [lines, current, kept, frozen] = await Promise.all([
    state.readHistory(),
    state.readCurrent(),
    state.listReleases(),
    state.readFreeze(),
  ]);
  const known = new Set(lines.map(({ release }) => release));
  return {
    deployments: lines.toReversed(),
    current: current?.id,
    left: leftOver(lines, current?.id),
    restorable: kept.filter((id) => known.has(id) && id !== current?.id),
    frozen,
  };
}
