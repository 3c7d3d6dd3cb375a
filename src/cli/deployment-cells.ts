import { formatDuration } from '../core/config/duration.ts';
import type { HistoryLine } from '../core/deploy/release.ts';
import { describeTrigger } from '../core/deploy/trigger.ts';
import { type Cell, painted } from './table.ts';

export const deploymentHeader = ['RELEASE', 'STATUS', 'COMMIT', 'BY', 'HOW', 'TOOK', 'RESTORED', 'REASON'];

/** What is left out first where there is no room for all. */
export const expendableOfDeployment = ['COMMIT', 'RESTORED', 'TOOK', 'HOW', 'BY', 'TARGET'];

const styles = {
  deployed: 'green',
  'rolled-back': 'yellow',
  failed: 'red',
  unlocked: 'yellow',
  removed: 'dim',
} as const;

/** A line of a history, as columns under `deploymentHeader`. */
export function deploymentCells(it: HistoryLine): Cell[] {
  const status = it.restores !== undefined && it.status === 'deployed' ? 'gone back' : it.status;
  return [
    it.release,
    painted(styles[it.status], status),
    it.commit.slice(0, 12),
    it.by ?? '',
    describeTrigger(it.trigger),
    formatDuration(it.durationMs),
    it.restores ?? '',
    it.reason ?? '',
  ];
}
