import type { RunnerListing } from '../adapters/github/runners.ts';
import { LaunchError } from '../core/errors.ts';
import { targetNames, type WithTargets } from '../core/plan.ts';
import { describeMatch, matchRunners, notCheckable, type RunnerMatch } from '../core/routing/runner-match.ts';
import type { Target } from '../core/targets/target.ts';
import type { Reporter } from './reporter.ts';

/** Target → whether a runner is there for it. */
export type RunnerChecks = ReadonlyMap<string, RunnerMatch>;

/**
 * Whether each target of the plan has a runner online. Where the runners can't be listed it says so and goes on,
 * because most tokens may not: a deployment then simply waits for its runner.
 *
 * @param list is asked at most once, and not at all when no target has a runner of its own.
 * @param mode with `skip` what is missing is left to the caller to tell
 * @throws LaunchError VALIDATION_FAILED with `fail`, when a target certainly has no runner online.
 */
export async function checkRunners(
  plan: WithTargets,
  mode: 'warn' | 'skip' | 'fail',
  list: () => Promise<RunnerListing>,
  reporter: Reporter,
): Promise<RunnerChecks> {
  const targets = new Map<string, Target>(plan.entries.map(({ target }) => [target.name, target]));
  const needed = [...targets.values()].some((target) => notCheckable(target.runsOn) === undefined);
  const listing: RunnerListing = needed ? await list() : { listed: true, runners: [], incomplete: undefined };
  if (!listing.listed) {
    tellNotListed(listing, mode, reporter);
    return new Map();
  }
  const checks = new Map<string, RunnerMatch>(
    Array.from(targets, ([name, target]) => [name, matchRunners(target.runsOn, listing.runners)] as const),
  );
  const missing: string[] = [];
  for (const name of targetNames(plan)) {
    const match = checks.get(name);
    if (match === undefined) continue;
    const line = describeMatch(name, match);
    if (match.kind === 'online' || match.kind === 'not-checked') reporter.info(line);
    else if (listing.incomplete !== undefined && match.kind === 'none') {
      reporter.warning(`${line} Runners of the organisation could not be listed: ${listing.incomplete}`);
      checks.set(name, { kind: 'not-checked', why: 'runners of the organisation could not be listed' });
    } else missing.push(line);
  }
  if (mode === 'fail' && missing.length > 0) {
    throw new LaunchError('VALIDATION_FAILED', missing.join(' '), {
      remedy: 'Or set `check-runners: warn` to go on without one.',
    });
  }
  if (mode === 'warn') for (const line of missing) reporter.warning(line);
  return checks;
}

function tellNotListed(
  { why, noToken }: Extract<RunnerListing, { listed: false }>,
  mode: 'warn' | 'skip' | 'fail',
  reporter: Reporter,
): void {
  const said = `Whether runners are online was not checked: ${why} Listing them takes a token with \`administration: read\` on the repository, which GITHUB_TOKEN never has.`;
  // Where it is only tried, nobody who has given no token wants to hear of it with every push.
  if (mode === 'skip' && noToken === true) reporter.info(said);
  else reporter.warning(said);
}
