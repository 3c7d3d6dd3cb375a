import { soleVersion, type VersionShare, type WorkerDeployment, type WorkerVersion } from './live-state.ts';

// A worker has no host on which a release could be noted down: what Launch has to know of a version later on stands in
// the annotations that Cloudflare keeps with it. So it is known on every machine, and shown in the dashboard.

/** Cloudflare keeps so many bytes of a message. */
const messageBytes = 100;

const versionId = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

export interface VersionNote {
  /** The first 12 digits of the commit; undefined where it is not known. */
  readonly commit: string | undefined;
  /** 12 digits; see `identityOf`. Undefined: the content is not that of a commit. */
  readonly identity: string | undefined;
}

/** At most 25 bytes, which is what Cloudflare keeps: `3f9c2a1b7d44-9e107d9d372b`, or `3f9c2a1b7d44` without identity. */
export function versionTag({ commit, identity }: VersionNote): string | undefined {
  if (commit === undefined) return identity === undefined ? undefined : `-${identity}`;
  return identity === undefined ? commit.slice(0, 12) : `${commit.slice(0, 12)}-${identity}`;
}

export function readTag(tag: string | undefined): VersionNote {
  const match = /^([0-9a-f]{12})?(?:-([0-9a-f]{12}))?$/.exec(tag ?? '');
  return { commit: match?.[1], identity: match?.[2] };
}

/** `Launch, by octocat, before 5a6b…`: who deployed it, and what had the traffic until then. */
export function versionMessage(by: string | undefined, before: string | undefined): string {
  const end = before === undefined ? '' : `, before ${before}`;
  const start = by === undefined ? 'Launch' : `Launch, by ${by.replace(/[\s,]+/g, ' ').trim()}`;
  return `${cutToBytes(start, messageBytes - end.length)}${end}`;
}

export function readMessage(message: string | undefined): {
  readonly by: string | undefined;
  readonly before: string | undefined;
} {
  const match = new RegExp(`^Launch(?:, by (.*?))?(?:, before (${versionId}))?$`).exec(message ?? '');
  return { by: match?.[1], before: match?.[2] };
}

/** While the traffic is on its way; it says what to go back to, should the run be cut off. */
export function stepMessage(percentage: number, old: string): string {
  return `Launch, step ${percentage} %, back to ${old}`;
}

/** The last word: everything that belongs to the deployment is done. */
export function settledMessage(): string {
  return 'Launch, settled';
}

export function takenBackMessage(from: string): string {
  return `Launch, settled: taken back from ${from}`;
}

export function rollbackMessage(from: string): string {
  return `Launch, settled: rolled back from ${from}`;
}

export function isSettled(deployment: WorkerDeployment | undefined): boolean {
  return deployment?.message?.startsWith('Launch, settled') === true;
}

/**
 * Whether a version was deployed to its end. That it was given the traffic back says nothing of it: what was there
 * before a failure may itself have been left half done.
 */
export function isFinished(deployments: readonly WorkerDeployment[], version: string): boolean {
  return (
    isSettled(deployments[0]) &&
    deployments.some(
      (it) =>
        soleVersion(it) === version && isSettled(it) && it.message?.startsWith(takenBackMessage('')) !== true,
    )
  );
}

export interface CutOffStep {
  /** What had all of the traffic before. */
  readonly old: string;
  /** The version that has a share of it now; undefined where it was only tested. */
  readonly halfway: string | undefined;
}

/** What a run of Launch that was cut off in the middle has left behind; undefined for any other split. */
export function cutOffStep(deployment: WorkerDeployment | undefined): CutOffStep | undefined {
  const old = new RegExp(`^Launch, step .* back to (${versionId})$`).exec(deployment?.message ?? '')?.[1];
  const shares = deployment?.shares ?? [];
  if (old === undefined || !shares.some((share) => share.versionId === old)) return undefined;
  const other = shares.find((share) => share.versionId !== old && share.percentage > 0);
  return { old, halfway: other?.versionId };
}

export interface HistoryLine {
  readonly versionId: string;
  readonly number: number | undefined;
  readonly createdOn: string;
  readonly by: string | undefined;
  readonly commit: string | undefined;
  /** Of the live traffic; undefined where it has none. */
  readonly percentage: number | undefined;
}

/** What `launch history` shows of a version. */
export function historyLine(version: WorkerVersion, live: readonly VersionShare[]): HistoryLine {
  return {
    versionId: version.id,
    number: version.number,
    createdOn: version.createdOn,
    by: readMessage(version.message).by ?? version.author,
    commit: readTag(version.tag).commit,
    percentage: live.find((share) => share.versionId === version.id)?.percentage,
  };
}

/** Never in the middle of a character. */
function cutToBytes(text: string, limit: number): string {
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) return cut;
    cut += character;
  }
  return cut;
}
