import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import { readEvent, runsInFork } from './event.ts';

/** Events that only people with write access to the repository, or its own schedule, can cause. */
const trusted: readonly string[] = [
  'push',
  'workflow_dispatch',
  'schedule',
  'repository_dispatch',
  'release',
  'deployment',
];

/**
 * The gate inside of the action itself, for workflows without one of their own: what a pull request holds is
 * not deployed, and no fork deploys. A person at a terminal is no event.
 *
 * @throws LaunchError UNTRUSTED_EVENT
 */
export function assertMayDeploy(): void {
  const { event } = readEvent();
  if (event === undefined) return;
  const fork = runsInFork();
  if (trusted.includes(event) && !fork) return;
  throw new LaunchError(
    'UNTRUSTED_EVENT',
    fork ? 'This repository is a fork.' : `The event "${printable(event, 60)}" may not deploy.`,
    {
      remedy: `Deploy from a push to the main branch, or dispatch the workflow there. Allowed events: ${trusted.join(', ')}.`,
    },
  );
}
