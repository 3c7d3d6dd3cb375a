import { randomBytes } from 'node:crypto';
import { isAmbiguous, isLabelTaken, linodeReasonsOf, linodeStatusOf } from '../../adapters/linode/failure.ts';
import { createInstance, findInstance } from '../../adapters/linode/instances.ts';
import { pause } from '../../adapters/process/pause.ts';
import { LaunchError } from '../../core/errors.ts';
import { type GpuPlace, type Passed, passedText } from '../../core/gpu/choose-place.ts';
import { type CreateWishes, createBody } from '../../core/gpu/create-body.ts';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { formatHourly } from '../../core/gpu/offer.ts';
import { isOfRun } from '../../core/gpu/tags.ts';
import { usualLooksMs } from './access.ts';
import type { EnsureSession } from './session.ts';

/** What is there under the label now, and whether this run made it. */
export interface Made {
  readonly instance: GpuInstance;
  readonly created: boolean;
}

/**
 * Makes the instance in the first place that has room for it. However many answers are lost there is one at most: its
 * label is unique in the account, and after a fault it is looked for before it is asked for again.
 *
 * @throws LaunchError API_ERROR when no place has room
 */
export async function createAnywhere(
  session: EnsureSession,
  places: readonly GpuPlace[],
  wishes: CreateWishes,
): Promise<Made> {
  const full: Passed[] = [];
  for (const place of places) {
    const { type, region, hourly } = place;
    session.reporter.info(`${type} in ${region} is asked for, ${formatHourly(hourly)}.`);
    try {
      return await createOnce(session, createBody(wishes, place), wishes.tags.length > 0);
    } catch (error) {
      if (!isWithoutRoom(error)) throw error;
      full.push({ type, region, why: 'has no room' });
      session.reporter.info(`${region} has no room for ${type} now.`);
    }
  }
  throw new LaunchError('API_ERROR', `No region has room for the instance: ${passedText(full)}.`, {
    remedy: 'Nothing is left behind. Run it again later, or name more regions or types.',
  });
}

async function createOnce(session: EnsureSession, body: object, isTagged: boolean): Promise<Made> {
  const { client, request, run } = session;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { instance: await createInstance(client, body), created: true };
    } catch (error) {
      const isTaken = isLabelTaken(error);
      if (!isTaken && !isAmbiguous(error)) throw error;
      const found = await lookFor(session);
      if (found !== undefined) {
        // Without tags nobody can tell whose it is: then what a lost answer was about is taken as this run's.
        const created = isTagged ? isOfRun(found.tags, run) : !isTaken || attempt > 1;
        return { instance: found, created };
      }
      if (attempt === 3 || isTaken) throw error;
      session.reporter.info(`The answer was lost, and there is no ${request.label}; it is asked for again.`);
    }
  }
}

async function lookFor({ client, request }: EnsureSession): Promise<GpuInstance | undefined> {
  for (const before of request.looksMs ?? usualLooksMs) {
    if (before > 0) await pause(before, request.signal);
    const found = await findInstance(client, request.label);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Words of the API, which has no code for it. */
function isWithoutRoom(error: unknown): boolean {
  if (linodeStatusOf(error) !== 400) return false;
  return linodeReasonsOf(error).some(({ reason }) =>
    /no availability|not available in the selected region|out of capacity|no capacity|sold out/i.test(reason),
  );
}

/** For the disk's `root`, whom nobody lets in by it while keys are there; nobody is told it. */
export function generatePassword(): string {
  // The API asks for several kinds of characters.
  return `${randomBytes(27).toString('base64url')}-aA1`;
}
