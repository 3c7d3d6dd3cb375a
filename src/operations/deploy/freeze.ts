import type { ServiceState } from '../../adapters/state/service-state.ts';
import { describeFreeze, frozenWith, judgeFreeze } from '../../core/deploy/freeze.ts';
import type { Release } from '../../core/deploy/release.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';
import { noteNewest } from './superseded.ts';

/** What a freeze means for this deployment, as a sentence for people. */
export interface FreezeNotice {
  readonly holds: boolean;
  readonly text: string;
}

/**
 * Whether this deployment is held; undefined where the service is not frozen.
 *
 * @throws LaunchError FROZEN where a commit that touches the service is not to go out either, and where nothing
 *   serves that could be left as it is
 */
export async function noticeFreeze(
  deployment: Deployment,
  state: ServiceState,
  current: Release | undefined,
): Promise<FreezeNotice | undefined> {
  if (deployment.restores !== undefined) return undefined;
  const { owner, fingerprint, request, reporter } = deployment;
  const freeze = await state.readFreeze();
  const verdict = judgeFreeze(freeze, { fingerprint, force: request.force });
  if (freeze === undefined || verdict === 'none') return undefined;
  const why = `"${owner.service}" on "${owner.target}" is ${describeFreeze(freeze)}.`;
  if (verdict === 'lifted') {
    const text = `${why} This deployment ends that, because ${request.force ? 'it is forced' : 'its commit touches the service'}.`;
    reporter.info(text);
    return { holds: false, text };
  }
  if (verdict === 'refused' && request.skipFrozen === true && current !== undefined) {
    // Nothing else remembers it: the run is no failed one, so no later push brings it by itself.
    await state.writeFreeze({ ...freeze, waiting: deployment.commit });
    await noteNewest(deployment, state, current);
    const text = `${why} This commit touches the service, and was not deployed. After \`launch unfreeze ${owner.service}\` on the host it takes a run by hand, or the next push that touches the service; \`force\` deploys it now.`;
    reporter.warning(text);
    return { holds: true, text };
  }
  if (verdict === 'refused' || current === undefined) {
    throw new LaunchError('FROZEN', why, {
      remedy: `Nothing has been changed. Run \`launch unfreeze ${owner.service}\` on the host, or deploy with \`force\`.`,
    });
  }
  // A run that waited must not take down meanwhile what a newer commit still has.
  await noteNewest(deployment, state, current);
  const text = `${why} This commit does not touch the service, so nothing was done. A commit that does ends the freeze, as \`force\` and \`launch unfreeze\` do.`;
  reporter.warning(text);
  return { holds: true, text };
}

/** Says what is wrong with what a freeze holds as it is: nothing but a person mends that. */
export function tellHeldFault({ owner, reporter }: Deployment, current: Release, fault: string): string {
  const { service, target } = owner;
  const text = `What serves of "${service}" on "${target}" (${current.id}) is not in order: ${fault}. The freeze keeps this deployment from mending it. \`launch rollback ${service} --to ${current.id}\` puts it back as it was released; \`force\`, or \`launch unfreeze ${service}\`, lets this commit take its place.`;
  reporter.warning(text);
  return text;
}

/**
 * What an accepted release makes of the freeze: a rollback freezes the service over what it took away, anything
 * else ends the freeze that it was deployed over.
 */
export async function settleFreeze(state: ServiceState, release: Release): Promise<void> {
  const freeze = await state.readFreeze();
  if (release.restores === undefined) {
    // One that a person has set meanwhile stays.
    if (freeze !== undefined && freeze.at <= release.at) await state.writeFreeze(undefined);
    return;
  }
  const previous = release.previous === undefined ? undefined : await state.readRelease(release.previous);
  // A commit that failed and was taken back by itself would otherwise be tried again with the next push.
  const last = (await state.readHistory()).findLast(
    (line) => line.release !== release.id && line.status !== 'unlocked',
  );
  const taken = [previous?.fingerprint, last?.fingerprint].filter((it) => it !== undefined);
  await state.writeFreeze(
    frozenWith(freeze, {
      reason: `gone back from ${release.previous ?? 'nothing'} to ${release.restores}`,
      at: release.at,
      ...(release.by === undefined ? {} : { by: release.by }),
      fingerprints: taken,
    }),
  );
}
