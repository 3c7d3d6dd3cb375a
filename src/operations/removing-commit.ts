import { git } from '../adapters/git/command.ts';
import { quietGit } from '../adapters/snapshot/git.ts';
import type { DriverName } from '../core/config/fields.ts';
import { judgeRemoval, type LiveCandidate, type RunOrder } from '../core/deploy/supersession.ts';
import { LaunchError } from '../core/errors.ts';
import { loadService, manifestPath } from '../core/project/service.ts';
import { comesAfter } from './deploy/superseded.ts';
import { withCommittedProject } from './find-placement.ts';

/** The commit that has no such service any more, and the run that says so. */
export interface RemovingCommit {
  /** A full id. */
  readonly id: string;
  /** The top of the checkout that knows it. */
  readonly top: string;
  /** Undefined outside of a run. */
  readonly order?: RunOrder | undefined;
}

export interface PlaceToLeave {
  readonly service: string;
  readonly target: string;
  readonly driver: DriverName;
}

/**
 * The checkout's commit, once it is certain that it deploys no such service to that target.
 *
 * @throws LaunchError CONFIG_INVALID when it does, or its `service.yml` does not tell
 */
export async function commitWithout(
  where: { readonly cwd: string; readonly config?: string | undefined },
  { service, target, driver }: PlaceToLeave,
): Promise<Pick<RemovingCommit, 'id' | 'top'>> {
  return await withCommittedProject(where, async ({ commit: id, located, project }) => {
    const folder = project.folders.find(({ name }) => name === service);
    const found = folder === undefined ? [] : (await loadService(project, folder)).placements;
    const isThere = found.some(
      (it) => it.target.name === target && (it.driver === 'worker') === (driver === 'worker'),
    );
    if (folder === undefined || !isThere) return { id, top: located.top };
    throw new LaunchError('CONFIG_INVALID', `"${service}" still goes to "${target}".`, {
      place: { file: manifestPath(folder) },
      remedy: 'Nothing has been changed. Only what the commit does not have there any more is taken down.',
    });
  });
}

/**
 * An older run, or one that waited, must not take down what a newer one deployed.
 *
 * @throws LaunchError SUPERSEDED
 */
export async function assertNotNewer(
  { id: commit, top, order }: RemovingCommit,
  live: LiveCandidate,
  { service, byHand }: { readonly service: string; readonly byHand: string },
): Promise<void> {
  const because = await judgeRemoval(
    { commit, order, madeAt: await madeAt(top, commit) },
    live,
    async (older, newer) => (newer === '' ? undefined : await comesAfter(top, older, newer)),
  );
  if (because === undefined) return;
  throw new LaunchError('SUPERSEDED', `"${service}" is not taken down: ${because}.`, {
    remedy: `Nothing has been changed. Where it is to go all the same, run \`${byHand}\`.`,
  });
}

async function madeAt(top: string, commit: string): Promise<Date | undefined> {
  const { exitCode, stdout } = await git(quietGit(top), ['show', '--no-patch', '--format=%ct', commit, '--']);
  const seconds = Number(stdout.trim());
  return exitCode === 0 && Number.isSafeInteger(seconds) ? new Date(seconds * 1000) : undefined;
}
