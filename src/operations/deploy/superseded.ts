import { git } from '../../adapters/git/command.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { lastRemoval, type Release } from '../../core/deploy/release.ts';
import { type Candidate, judgeSupersession, type Supersession } from '../../core/deploy/supersession.ts';
import { isChosen } from '../../core/deploy/trigger.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';

/**
 * Whether a newer commit than the deployment's is live already.
 *
 * @throws LaunchError SUPERSEDED when an older one was asked for on purpose, without `force`
 */
export async function findSupersession(
  deployment: Deployment,
  state: ServiceState,
  current: Release | undefined,
): Promise<Supersession> {
  const { request, commit, top, owner, restores } = deployment;
  // To go back is what a rollback is for.
  if (request.force || restores !== undefined) return { kind: 'none' };
  if (current === undefined) {
    await assertNotRemovedSince(deployment, state);
    return { kind: 'none' };
  }
  const verdict = await judgeSupersession(
    { commit, order: request.order, chosen: isChosen(request.trigger, commit) },
    await newestLive(state, current),
    async (older, newer) => (await comesAfter(top, older, newer)) === true,
  );
  if (verdict.kind === 'refused') {
    throw new LaunchError('SUPERSEDED', `A newer commit of "${owner.service}" is live: ${verdict.because}.`, {
      remedy:
        'Nothing has been changed. To go back on purpose, use `launch rollback` or the action rollback; `force` deploys it all the same.',
    });
  }
  if (verdict.kind === 'overtaken') {
    deployment.reporter.warning(
      `SUPERSEDED: ${verdict.because}. This run leaves "${owner.service}" as it is.`,
    );
  }
  return verdict;
}

/** What a newer commit has taken out must not come back with an older one that waited, or is run once more. */
async function assertNotRemovedSince(
  { request, commit, top, owner }: Deployment,
  state: ServiceState,
): Promise<void> {
  const removal = lastRemoval(await state.readHistory());
  const noted = removal === undefined ? undefined : await state.readNewest();
  if (noted === undefined || noted.release !== removal?.release) return;
  const verdict = await judgeSupersession(
    { commit, order: request.order },
    noted,
    async (older, newer) => (await comesAfter(top, older, newer)) === true,
  );
  if (verdict.kind === 'none') return;
  const by = noted.order === undefined ? '' : ` (run ${noted.order.run})`;
  throw new LaunchError(
    'SUPERSEDED',
    `A newer commit has taken "${owner.service}" down: ${noted.commit.slice(0, 12)}${by}.`,
    {
      remedy:
        'Nothing has been changed. To bring it back on purpose, use `launch rollback` or the action rollback; `force` deploys it all the same.',
    },
  );
}

/** Whether a commit is an ancestor of another; undefined where this checkout does not know them both. */
export async function comesAfter(top: string, older: string, newer: string): Promise<boolean | undefined> {
  const { exitCode } = await git(quietGit(top), ['merge-base', '--is-ancestor', older, newer]);
  return exitCode === 0 ? true : exitCode === 1 ? false : undefined;
}

/** Remembers that a newer commit found its content live already: an older one must not undo that. */
export async function noteNewest(
  { request, commit, restores }: Deployment,
  state: ServiceState,
  current: Release,
): Promise<void> {
  if (restores !== undefined) return;
  const known = await newestLive(state, current);
  const { order } = request;
  if (known.commit === commit && known.order?.run === order?.run) return;
  const verdict = await judgeSupersession({ commit, order }, known, async () => false);
  if (verdict.kind !== 'none') return;
  await state.writeNewest({ release: current.id, commit, ...(order === undefined ? {} : { order }) });
}

export async function newestLive(state: ServiceState, current: Release): Promise<Candidate> {
  const noted = await state.readNewest();
  return noted?.release === current.id ? noted : { commit: current.commit, order: current.order };
}
