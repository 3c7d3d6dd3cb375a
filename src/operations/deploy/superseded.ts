import { git } from '../../adapters/git/command.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Release } from '../../core/deploy/release.ts';
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
  if (current === undefined || request.force || restores !== undefined) return { kind: 'none' };
  const verdict = await judgeSupersession(
    { commit, order: request.order, chosen: isChosen(request.trigger, commit) },
    await newestLive(state, current),
    // A commit that is not in this checkout makes git fail, which is no yes.
    async (older, newer) =>
      (await git(quietGit(top), ['merge-base', '--is-ancestor', older, newer])).exitCode === 0,
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

async function newestLive(state: ServiceState, current: Release): Promise<Candidate> {
  const noted = await state.readNewest();
  return noted?.release === current.id ? noted : { commit: current.commit, order: current.order };
}
