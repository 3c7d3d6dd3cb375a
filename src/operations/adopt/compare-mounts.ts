import { join } from 'node:path';
import { type ContentDifference, compareContent } from '../../adapters/snapshot/compare-content.ts';
import type { FoundContainer } from '../../core/deploy/found-container.ts';
import { type MountPlan, mountLocation } from '../../core/deploy/mount-plan.ts';
import type { MountPairs } from '../../core/deploy/pair-mounts.ts';
import type { AdoptedMount } from '../../core/deploy/release.ts';
import { printable } from '../../core/names.ts';

export interface ContentFindings {
  /** What a container mounts that is not what the commit holds, one sentence each. */
  readonly differs: ReadonlyMap<FoundContainer, readonly string[]>;
  /** What a container may have written where the commit's files will be mounted. */
  readonly faults: readonly string[];
}

/** Holds the files that containers mount against those of the commit that are mounted in their stead. */
export async function compareMounts(
  pairs: ReadonlyMap<FoundContainer, MountPairs>,
  plan: MountPlan,
  snapshot: string,
): Promise<ContentFindings> {
  const content = new Map(
    [...plan.sources.values()].flatMap((it) =>
      it.kind === 'content' ? [[mountLocation(it), join(snapshot, it.path)]] : [],
    ),
  );
  const differs = new Map<FoundContainer, string[]>();
  const faults: string[] = [];
  for (const [container, { mounts }] of pairs) {
    for (const mount of mounts) {
      const wanted = content.get(mount.place);
      if (wanted === undefined) continue;
      const found = describe(container, mount, await differenceOf(mount, wanted));
      if (found.fault !== undefined) faults.push(found.fault);
      if (found.differs !== undefined) {
        differs.set(container, [...(differs.get(container) ?? []), found.differs]);
      }
    }
  }
  return { differs, faults };
}

function describe(
  { name, mounts }: FoundContainer,
  { target, from }: AdoptedMount,
  difference: ContentDifference | undefined,
): { readonly differs?: string; readonly fault?: string } {
  const where = `${name} mounts ${printable(from)}`;
  if (difference === undefined) return { differs: `${where}, which can not be read` };
  const { changed, missing, extra } = difference;
  const isWritable = mounts.some((it) => it.target === target && it.writable);
  const other = [...changed, ...missing, ...(isWritable ? [] : extra)];
  const files = other.includes('') ? 'it is' : `${list(other)} ${other.length === 1 ? 'is' : 'are'}`;
  return {
    ...(other.length === 0 ? {} : { differs: `${where}, where ${files} not as in the commit` }),
    ...(!isWritable || extra.length === 0
      ? {}
      : { fault: `${where}, where files are that the commit does not have: ${list(extra)}` }),
  };
}

async function differenceOf({ from }: AdoptedMount, wanted: string): Promise<ContentDifference | undefined> {
  return await compareContent(from, wanted).catch(() => undefined);
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((it) => printable(it, 80));
  return paths.length > 5 ? `${shown.join(', ')} and ${paths.length - 5} more` : shown.join(', ');
}
