import type { ServiceState } from '../../adapters/state/service-state.ts';
import { releaseBefore } from '../../core/deploy/choose-release.ts';
import { planPrune } from '../../core/deploy/prune.ts';
import type { Release } from '../../core/deploy/release.ts';
import type { Reporter } from '../reporter.ts';
import type { Driver } from './driver.ts';

/** Removes what is older than the releases to keep. A fault here spoils no deployment: the next one tries again. */
export async function pruneReleases(
  state: ServiceState,
  keep: number,
  reporter: Reporter,
  driver: Pick<Driver, 'forgetImages'>,
): Promise<void> {
  try {
    const current = await state.readCurrent();
    const releases = await state.listReleases();
    const records = new Map<string, Release>();
    for (const id of releases) {
      const record = await state.readRelease(id);
      if (record !== undefined) records.set(id, record);
    }
    const plan = planPrune({
      releases,
      records,
      current: current?.id,
      previous: current?.previous,
      next: releaseBefore({ releases: [...records.values()], current: current?.id, last: undefined })?.id,
      keep,
      mounts: await state.listMounts(),
    });
    for (const id of plan.releases) await state.removeRelease(id);
    const isGone = ({ id }: Release) => plan.releases.includes(id);
    const all = [...records.values()];
    await driver.forgetImages(
      all.filter(isGone),
      all.filter((it) => !isGone(it)),
    );
    for (const name of plan.mounts) {
      if (await state.removeMount(name)) continue;
      reporter.info(
        `mounts/${name} of an old release stays: a container has written into it, and that is nowhere else. Mount a folder that git does not track for data.`,
      );
    }
  } catch (error) {
    reporter.warning(
      `Old releases could not be removed: ${error instanceof Error ? error.message : 'unknown'}.`,
    );
  }
}
