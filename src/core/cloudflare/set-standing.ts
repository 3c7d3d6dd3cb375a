import type { VersionShare } from './live-state.ts';
import type { WorkerNote } from './worker-note.ts';

/**
 * What became of a worker since the deploy job of this run:
 *
 * - `serving`: the version of this run has traffic
 * - `unchanged`: this run left it as it was
 * - `taken-back`: the version before it serves again
 * - `replaced`: another version serves, which somebody else has deployed since
 * - `not-deployed`: no version of this run came to be, or none that anybody was told of
 */
export type Standing = 'serving' | 'unchanged' | 'taken-back' | 'replaced' | 'not-deployed';

export interface SetMember {
  readonly service: string;
  /** Undefined: the deploy job left none, because it did not run or was cut off. */
  readonly note: WorkerNote | undefined;
  readonly standing: Standing;
}

/** `live`: the shares of the traffic now; empty where the worker is not there. */
export function standingOf(note: WorkerNote | undefined, live: readonly VersionShare[]): Standing {
  if (note?.versionId === undefined) return 'not-deployed';
  if (note.status === 'unchanged') return 'unchanged';
  const has = (versionId: string | undefined) =>
    live.some((share) => share.versionId === versionId && share.percentage > 0);
  if (has(note.versionId)) return 'serving';
  return note.previousVersionId !== undefined && has(note.previousVersionId) ? 'taken-back' : 'replaced';
}

/** The workers whose deploy job did not end well; those that were held back are among them. */
export function failedMembers(members: readonly SetMember[]): SetMember[] {
  return members.filter(({ note }) => note?.status !== 'deployed' && note?.status !== 'unchanged');
}

/** Those whose deploy job was fine, and which serve the version before all the same. */
export function undoneMembers(members: readonly SetMember[]): SetMember[] {
  return members.filter(({ note, standing }) => note?.status === 'deployed' && standing === 'taken-back');
}

/** What has to be taken back, the last deployed first: nothing may use a worker that is gone already. */
export function membersToTakeBack(members: readonly SetMember[]): SetMember[] {
  return members.filter(({ standing }) => standing === 'serving').toReversed();
}

/** Service → URL, of those that serve; an own null-prototype-safe object, since a service may be called "constructor". */
export function urlsOf(members: readonly SetMember[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    members.flatMap(({ service, note, standing }) =>
      note?.url === undefined || standing === 'not-deployed' ? [] : [[service, note.url]],
    ),
  );
}
