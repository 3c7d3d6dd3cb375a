import type { RunnerListing } from '../adapters/github/runners.ts';
import type { Removal } from '../core/removal.ts';
import { whyMissing } from '../core/routing/runner-match.ts';
import type { Unreachable } from '../core/routing/unreachable.ts';
import { checkRunners } from './check-runners.ts';
import type { Reporter } from './reporter.ts';

export interface RemovalsWithRunners {
  /** As they were given; those without a runner are only reported. */
  readonly removals: readonly Removal[];
  /** What the run has to fail for, so that the next one tries again. */
  readonly stranded: readonly Unreachable[];
}

/**
 * Takes those out of the removals to be made whose target certainly has no runner online: their jobs would wait for a
 * day. Where the target is no longer declared and no runner has its labels any more, the machine is gone as well, and
 * no later run could do better: that is said, and fails nothing.
 *
 * @param list is asked at most once
 * @throws LaunchError VALIDATION_FAILED with `fail`, when one certainly has none
 */
export async function checkRemovalRunners(
  removals: readonly Removal[],
  mode: 'off' | 'warn' | 'skip' | 'fail',
  list: () => Promise<RunnerListing>,
  reporter: Reporter,
): Promise<RemovalsWithRunners> {
  const stopped = removals.filter(({ onDelete }) => onDelete === 'stop');
  if (mode === 'off' || stopped.length === 0) return { removals, stranded: [] };
  const checks = await checkRunners({ entries: stopped }, mode, list, reporter);
  if (mode !== 'skip') return { removals, stranded: [] };
  const stranded: Unreachable[] = [];
  const left = removals.map((removal): Removal => {
    const { service, target, onDelete, undeclared } = removal;
    const match = checks.get(target.name);
    const isMissing = match?.kind === 'offline' || match?.kind === 'none';
    if (onDelete !== 'stop' || !isMissing) return removal;
    const reason = whyMissing(target.name, match);
    const said = `${service} is not taken down on ${target.name}. ${reason}`;
    if (undeclared === true && match.kind === 'none') {
      reporter.warning(
        `${said} The target is not in launch.yml any more either, so this is not tried again.`,
      );
    } else {
      reporter.warning(said);
      stranded.push({ service, target: target.name, reason });
    }
    return { ...removal, onDelete: 'report' };
  });
  return { removals: left, stranded };
}
