import type { Containers } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import type { RunningDetails } from '../driver.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import { isJob } from './meant-to-run.ts';
import { inspectProject, nameOf } from './project-containers.ts';

/** What of a release runs: its images, its containers, and which of these are new. */
export async function describeContainers(
  containers: Containers,
  images: Images,
  project: string,
  before: readonly { readonly id: string; readonly running?: boolean }[],
): Promise<RunningDetails> {
  const found = await inspectProject(containers, project);
  const old = new Set(before.map(({ id }) => id));
  // A job of before that was run once more is one still, though it may be at it.
  const done = new Set(before.filter((it) => it.running === false).map(({ id }) => id));
  const described = await Promise.all(
    found.map(async (it) => {
      const digest = (await images.find(it.Image))?.digest;
      const name = String(it.Config['Image'] ?? '');
      const entry = { name, id: it.Image, ...(digest === undefined ? {} : { digest }) };
      return [labelOf(it, serviceLabel), entry] as const;
    }),
  );
  return {
    images: Object.fromEntries(described),
    containers: found.map((it) => ({
      id: it.Id,
      name: nameOf(it),
      service: labelOf(it, serviceLabel),
      running: it.State.Running && !(done.has(it.Id) && isJob(it, undefined)),
    })),
    made: found.filter((it) => !old.has(it.Id)).map(nameOf),
    kept: found.filter((it) => old.has(it.Id)).map(nameOf),
  };
}
