import { originOf } from './choose-release.ts';
import type { Release } from './release.ts';

export interface PruneRequest {
  /** Ids, oldest first. */
  readonly releases: readonly string[];
  readonly records: ReadonlyMap<string, Release>;
  /** The release that serves, and the one before it: they always stay. */
  readonly current: string | undefined;
  readonly previous: string | undefined;
  /** The one that a rollback would go to, when that is another one. */
  readonly next?: string | undefined;
  readonly keep: number;
  readonly mounts: readonly string[];
}

export interface PrunePlan {
  readonly releases: readonly string[];
  readonly mounts: readonly string[];
}

/**
 * What may go: all but the newest releases that were deployed and the newest that was not, and mounted content
 * that no release refers to. A rollback and the release that it restored count as one. Data is never in it.
 */
export function planPrune(request: PruneRequest): PrunePlan {
  const { releases, records, current, previous, mounts } = request;
  const bad = releases.filter((id) => records.get(id)?.status !== 'deployed');
  const staying = new Set([...newestGood(request), ...bad.slice(-1)]);
  for (const id of [current, previous, request.next]) if (id !== undefined) staying.add(id);
  const used = new Set([...staying].flatMap((id) => records.get(id)?.mounts ?? []));
  // A release whose record can't be read may refer to anything.
  const unclear = releases.some((id) => staying.has(id) && records.get(id) === undefined);
  return {
    releases: releases.filter((id) => !staying.has(id)),
    mounts: unclear ? [] : mounts.filter((name) => !used.has(name)),
  };
}

function newestGood({ releases, records, keep }: PruneRequest): string[] {
  const newest = new Map<string, string>();
  for (const id of releases.toReversed()) {
    const record = records.get(id);
    if (record?.status !== 'deployed' || newest.has(originOf(record))) continue;
    newest.set(originOf(record), id);
  }
  return [...newest.values()].slice(0, keep);
}
