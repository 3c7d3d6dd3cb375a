import { join } from 'node:path';
import type { ComposeRun } from '../../../adapters/engine/compose.ts';
import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import { compareContent, isEqual } from '../../../adapters/snapshot/compare-content.ts';
import { isSamePlace } from '../../../adapters/state/data-links.ts';
import { type Adopted, isLeftAlone, mountsTheSame } from '../../../core/deploy/adopted.ts';
import type { AdoptedMount, Release } from '../../../core/deploy/release.ts';
import type { Draft } from '../driver.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import type { LaidOut } from './lay-out.ts';
import { readAdditions, rehearseUp, startPinned } from './pinned.ts';
import { inspectProject, nameOf } from './project-containers.ts';

/**
 * Makes a release that is laid out leave those containers alone that ran before Launch took them over, where
 * nothing of them changes with it. Compose itself is asked whether it would.
 */
export async function leaveAdopted(
  draft: Draft,
  laidOut: LaidOut,
  current: Release | undefined,
  { containers, state, compose }: { containers: Containers; state: string; compose: ComposeRun },
): Promise<Pick<Release, 'adopted'>> {
  const known = current?.adopted ?? {};
  if (current === undefined || Object.keys(known).length === 0) return {};
  const additions = await readAdditions(draft);
  const found = await inspectProject(containers, laidOut.name);
  const candidates: Adopted = {};
  for (const [service, mounts] of Object.entries(known)) {
    const isSame =
      areAdopted(ofService(found, service), current) &&
      mountsTheSame(additions, service, mounts, state) &&
      (await areMountsSame(mounts, state));
    if (isSame) candidates[service] = mounts;
  }
  await startPinned(draft, additions, candidates);
  const actions = await rehearseUp(laidOut.project, Object.keys(candidates), compose);
  const adopted = Object.fromEntries(
    Object.entries(candidates).filter(([service]) =>
      ofService(found, service).every((it) => isLeftAlone(actions?.get(nameOf(it)))),
    ),
  );
  if (Object.keys(adopted).length < Object.keys(candidates).length) {
    await startPinned(draft, additions, adopted);
  }
  return Object.keys(adopted).length === 0 ? {} : { adopted };
}

/** Whether what adopted containers mount from outside of the state is still what their release holds. */
export async function areMountsSame(mounts: readonly AdoptedMount[], state: string): Promise<boolean> {
  for (const { from, place } of mounts) {
    const own = join(state, place);
    const isSame = place.startsWith('data/')
      ? await isSamePlace(from, own)
      : // What can't be read can't be relied on.
        await compareContent(from, own).then(isEqual, () => false);
    if (!isSame) return false;
  }
  return true;
}

export function ofService(found: readonly InspectedContainer[], service: string): InspectedContainer[] {
  return found.filter((it) => labelOf(it, serviceLabel) === service);
}

export const launchLabel = 'launch.service';

function areAdopted(found: readonly InspectedContainer[], current: Release): boolean {
  const known = new Set(current.containers.map(({ id }) => id));
  return found.length > 0 && found.every((it) => known.has(it.Id) && labelOf(it, launchLabel) === '');
}
