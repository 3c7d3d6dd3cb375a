import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { HistoryLine, Release } from './release.ts';

/** What is on the host of a service's past. */
export interface KnownReleases {
  /** Every release whose record can be read. */
  readonly releases: readonly Release[];
  /** The release that serves, as far as is known. */
  readonly current: string | undefined;
  /** How the last deployment ended. */
  readonly last: Pick<HistoryLine, 'release' | 'status'> | undefined;
  /** The newest release after the one that serves that failed and was left as it is. */
  readonly left?: string | undefined;
}

/**
 * The newest release that failed and was left as it is, over the one that is known to serve. What came later is told
 * by the order in which it was recorded: two commits may have one second, and a clock may be set back.
 */
export function leftOver(lines: readonly HistoryLine[], current: string | undefined): string | undefined {
  // What was taken down took with it all that stood beside.
  const history = lines.slice(lines.findLastIndex(({ status }) => status === 'removed') + 1);
  const accepted = history.findLastIndex((it) => it.release === current && it.status === 'deployed');
  const isLater = (it: HistoryLine, index: number) =>
    current === undefined || (accepted === -1 ? it.release > current : index > accepted);
  return history.findLast((it, index) => it.left === true && isLater(it, index))?.release;
}

/**
 * The release to go back to: the one that is named, else the one before. Only one that was healthy is ever
 * chosen by itself; one that was not can be named.
 *
 * @throws LaunchError CONFIG_INVALID that lists what can be named, SERVICE_NOT_FOUND where there is nothing
 */
export function chooseRelease(known: KnownReleases, to: string | undefined): Release {
  const all = nameable(known);
  const chosen =
    to === undefined ? releaseBefore(known) : (all.find((it) => it.id === to) ?? copyOf(all, to));
  if (chosen !== undefined) return chosen;
  const ids = all
    .filter((it) => it.id !== known.current)
    .map((it) => (it.status === 'deployed' ? it.id : `${it.id} (never healthy)`));
  throw new LaunchError(
    all.length === 0 ? 'SERVICE_NOT_FOUND' : 'CONFIG_INVALID',
    to === undefined
      ? 'There is no release before this one to go back to.'
      : `There is no release "${printable(to, 80)}" on this host.`,
    {
      remedy: ids.length === 0 ? nothingElse(known) : `Name one of those that are kept: ${ids.join(', ')}.`,
    },
  );
}

function nothingElse({ current }: KnownReleases): string {
  const kept =
    current === undefined ? 'No release is kept here.' : `Only ${current} is kept here, which is live.`;
  return `${kept} Revert the commit and push instead.`;
}

/**
 * The one before, in the line of what serves. The line of a rollback goes on where the release that it restored
 * came from, so that rolling back again goes one further back, and not to the release just left.
 */
export function releaseBefore(known: KnownReleases): Release | undefined {
  const byId = new Map(known.releases.map((release) => [release.id, release]));
  const good = known.releases.filter((it) => it.status === 'deployed').sort((a, b) => (a.id < b.id ? 1 : -1));
  const current = known.current === undefined ? undefined : byId.get(known.current);
  if (current === undefined) return good.find((it) => it.id !== known.current);
  // It has only to be put back. Where a failed one was taken back, it was put back already, healthy or not.
  if (known.left !== undefined) return current;
  const seen = new Set([current.id]);
  for (let id = lineBefore(current); id !== undefined; ) {
    const release = byId.get(id) ?? copyOf(good, id);
    if (release === undefined) {
      // It has been pruned, and with it what it followed: what is older than it is further back in any case.
      const pruned = id;
      return good.find((it) => it.id < pruned && !seen.has(it.id));
    }
    if (seen.has(release.id)) return undefined;
    seen.add(release.id);
    if (release.status === 'deployed') return release;
    id = lineBefore(release);
  }
  return undefined;
}

/** The release that was made of a commit: of a rollback the one whose content came back. */
export function originOf(release: Release): string {
  return release.restores ?? release.id;
}

/** What a release followed; of a rollback what the restored one followed. */
export function lineBefore(release: Release): string | undefined {
  return release.restores === undefined ? release.previous : release.before;
}

/** The newest rollback to a release: the same content under another id. */
function copyOf(newestFirst: readonly Release[], id: string): Release | undefined {
  return newestFirst.find((it) => it.restores === id);
}

/** Newest first; one whose outcome was never known can't be relied on. */
function nameable(known: KnownReleases): Release[] {
  return known.releases.filter((it) => it.status !== 'prepared').sort((a, b) => (a.id < b.id ? 1 : -1));
}
