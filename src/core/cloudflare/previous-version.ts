import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { shortId, soleVersion, type WorkerPast, type WorkerVersion } from './live-state.ts';
import { readMessage } from './version-note.ts';

/**
 * The version to go back to from the live one: what had all traffic before it, in its line. Never the one that was
 * rolled away from: going back twice goes back two versions. What Launch has uploaded says itself what was before it;
 * of other versions the worker's deployments tell.
 */
export function previousVersion(past: WorkerPast, live: string): string | undefined {
  const byId = new Map(past.versions.map((version) => [version.id, version]));
  const origin = originOf(past, live, byId);
  const noted = readMessage(byId.get(origin)?.message).before;
  if (noted !== undefined) return noted;
  const line = lineOf(past);
  const at = line.lastIndexOf(origin);
  if (at < 0) return undefined;
  return line.slice(0, at).findLast((id) => id !== live && originOf(past, id, byId) !== origin);
}

/**
 * The upload whose code a version has: a changed secret makes a version of its own, with the same code. To go back to
 * the version before that one would bring back the code that is to be left.
 */
function originOf(past: WorkerPast, id: string, byId: ReadonlyMap<string, WorkerVersion>): string {
  if (byId.get(id)?.triggeredBy !== 'secret') return id;
  const at = past.versions.findIndex((version) => version.id === id);
  return past.versions.slice(at + 1).find(({ triggeredBy }) => triggeredBy !== 'secret')?.id ?? id;
}

/** The versions that had all traffic, oldest first; going back to one takes all after it out of the line. */
function lineOf({ deployments }: WorkerPast): string[] {
  const line: string[] = [];
  for (const deployment of deployments.toReversed()) {
    const id = soleVersion(deployment);
    if (id === undefined) continue;
    const known = line.indexOf(id);
    if (known >= 0) line.length = known;
    line.push(id);
  }
  return line;
}

/**
 * The version that a rollback goes to: the one that is asked for, by its id or the beginning of it, else the one before.
 *
 * @throws LaunchError CONFIG_INVALID when there is none, or it can't be had any more.
 */
export function chooseVersion(
  past: WorkerPast,
  worker: string,
  live: string,
  asked: string | undefined,
): WorkerVersion {
  if (asked !== undefined) return findAsked(past, worker, live, asked);
  const previous = previousVersion(past, live);
  if (previous === undefined) {
    throw refuse(
      `There is no version of "${worker}" before ${shortId(live)}, which is live.`,
      `\`launch history ${worker}\` lists the versions there are; name one to go to it.`,
    );
  }
  const found = past.versions.find(({ id }) => id === previous);
  if (found !== undefined) return found;
  throw tooOld(worker, previous);
}

function findAsked(past: WorkerPast, worker: string, live: string, asked: string): WorkerVersion {
  const wanted = asked.toLowerCase();
  if (!/^[0-9a-f][0-9a-f-]{7,35}$/.test(wanted)) {
    throw refuse(
      `"${printable(asked, 60)}" is not the id of a version.`,
      `\`launch history ${worker}\` lists them; the first 8 characters will do.`,
    );
  }
  const [found, ...others] = past.versions.filter(({ id }) => id.startsWith(wanted));
  if (found === undefined) throw tooOld(worker, asked);
  if (others.length > 0) {
    throw refuse(
      `Several versions of "${worker}" begin with ${wanted}.`,
      `Give the whole id: ${[found, ...others].map(({ id }) => id).join(', ')}.`,
    );
  }
  // While the traffic is split, the version with most of it can be given the rest.
  if (found.id !== live || soleVersion(past.deployments[0]) !== live) return found;
  throw refuse(`The version ${found.id} of "${worker}" is live already.`, 'Nothing has been changed.');
}

function tooOld(worker: string, id: string): LaunchError {
  return refuse(
    `The version ${id} of "${worker}" can't be gone back to.`,
    `Cloudflare keeps the last 100 versions of a worker for that, and it is not among them. Deploy its commit again instead; \`launch history ${worker}\` lists what there is.`,
  );
}

function refuse(summary: string, remedy: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', summary, { remedy });
}
