import { findInstance } from '../../adapters/linode/instances.ts';
import { pause } from '../../adapters/process/pause.ts';
import { cancelledInstead } from '../../core/cancelled.ts';
import { LaunchError } from '../../core/errors.ts';
import { type GpuInstance, isGoing } from '../../core/gpu/instance.ts';
import { formatHourly } from '../../core/gpu/offer.ts';
import { type GpuResult, type GpuStatus, plainResult, showInstance } from '../../core/gpu/result.ts';
import type { Reporter } from '../reporter.ts';
import { openLinode, pollMs } from './access.ts';
import { adoptInstance } from './adopt-instance.ts';
import { awaitRunning, awaitServices } from './await-instance.ts';
import type { Made } from './create-instance.ts';
import { removeFirewallOf } from './firewall.ts';
import { makeInstance } from './make-instance.ts';
import { type Removal, removeMade } from './remove-made.ts';
import type { EnsureRequest } from './request.ts';
import { type EnsureSession, openSession } from './session.ts';

/**
 * Finds the instance of that label or makes it, and waits until it is up. A run that is ended anywhere leaves at most
 * one instance, which the label finds; the next run adopts it.
 *
 * @throws LaunchError for what failed before there was an instance; what fails later is in the result
 */
export async function ensureInstance(request: EnsureRequest, reporter: Reporter): Promise<GpuResult> {
  const began = performance.now();
  const session = await openSession(request, reporter);
  const resultOf = (status: GpuStatus, more: Partial<GpuResult>): GpuResult => {
    const { notices } = session;
    return plainResult('ensure', status, {
      notices,
      durationMs: Math.round(performance.now() - began),
      ...more,
    });
  };
  const show = (instance: GpuInstance) => showInstance(instance, session.offers.types, session.client.now());

  const found = await findOrMake(session);
  if ('planned' in found) return resultOf('planned', { request: found.planned });
  const { created } = found;
  if (request.dryRun) return resultOf('planned', { instance: show(found.instance) });
  const shown = show(found.instance);
  request.onInstance?.(shown, created);
  reporter.info(
    `${shown.label} is ${created ? 'made' : 'adopted'}: id ${shown.id}, ${shown.type} in ${shown.region}, ${formatHourly(shown.hourlyCost ?? undefined)}.`,
  );
  try {
    const up = await awaitUp(session, found.instance, began + request.timeoutMs);
    return resultOf(created ? 'created' : 'adopted', { created, instance: show(up) });
  } catch (error) {
    const failure = await seeToFailure(session, cancelledInstead(error, request.signal), found);
    if (!(failure instanceof LaunchError)) throw failure;
    return resultOf('failed', { created, instance: shown, failure });
  }
}

async function findOrMake(
  session: EnsureSession,
): Promise<Made | { planned: Readonly<Record<string, unknown>> }> {
  // An instance that is found can be deleted by another run before it is adopted.
  for (let attempt = 1; ; attempt += 1) {
    const existing = await findStanding(session);
    if (existing !== undefined) {
      const adopted = await adoptInstance(session, existing);
      if (adopted !== undefined) return { instance: adopted, created: false };
    } else {
      const made = await makeOrTakeBack(session);
      if ('planned' in made || made.created) return made;
      const adopted = await adoptInstance(session, made.instance);
      if (adopted !== undefined) return { instance: adopted, created: false };
    }
    if (attempt === 3) {
      throw new LaunchError('API_ERROR', `${session.request.label} is deleted again and again.`, {
        remedy: 'See who else works on it, then run it again.',
      });
    }
  }
}

/** The instance of that label; one that is being deleted is waited for, because its label is not free yet. */
async function findStanding({ client, request, reporter }: EnsureSession): Promise<GpuInstance | undefined> {
  for (const end = performance.now() + Math.min(request.timeoutMs, 300_000); ; ) {
    const found = await findInstance(client, request.label);
    if (found === undefined || !isGoing(found)) return found;
    if (performance.now() > end) {
      throw new LaunchError('TIMEOUT', `${request.label} (${found.id}) is being deleted, and does not go.`, {
        remedy: 'Take another label, or run it again later.',
      });
    }
    reporter.debug(`${request.label} (${found.id}) is being deleted`);
    await pause(pollMs(request), request.signal);
  }
}

async function makeOrTakeBack(session: EnsureSession) {
  try {
    return await makeInstance(session);
  } catch (error) {
    if (session.begun === undefined) throw error;
    throw await seeToFailure(session, cancelledInstead(error, session.request.signal), undefined);
  }
}

async function awaitUp(
  session: EnsureSession,
  instance: GpuInstance,
  deadline: number,
): Promise<GpuInstance> {
  const running = await awaitRunning(session, instance, deadline);
  if (session.request.waitFor === 'services') {
    const { isOpen } = await awaitServices(session, running, deadline);
    if (isOpen)
      session.warn(`The API of ${running.label} answers without a key: whoever reaches it can use it.`);
  }
  return running;
}

/** Long enough for an instance that is at work at something and refuses to be deleted for a while. */
const takeBackMs = 60_000;

/**
 * Takes back what this run has made, where that is asked for, and says how things stand. `made`: undefined when it never
 * came to an instance that this run knows of.
 */
async function seeToFailure(
  session: EnsureSession,
  error: unknown,
  made: Made | undefined,
): Promise<unknown> {
  const { request, begun, reporter } = session;
  if (!(error instanceof LaunchError)) return error;
  const { label } = request;
  if (made !== undefined && !made.created) {
    return told(error, `${label} was there before this run and is left as it is.`);
  }
  if (begun === undefined) return error;
  const limit = request.signal?.aborted === true ? (request.cancelledMs ?? takeBackMs) : takeBackMs;
  const client = openLinode(request, { signal: AbortSignal.timeout(limit), retries: 6 });
  try {
    if (request.onFailure === 'delete') {
      reporter.info(`What this run has made of ${label} is deleted again.`);
      const removal = await removeMade(client, begun, request.looksMs);
      request.onSettled?.();
      return told(error, removalTexts[removal](label));
    }
    if (made !== undefined) {
      request.onSettled?.();
      return told(error, leftText(label, made.instance.id));
    }
    const left = await findInstance(client, label);
    if (left === undefined) await removeFirewallOf(client, label, undefined);
    // After a create whose fate is not known it may still come.
    else return told(error, leftText(label, left.id));
    if (error.code !== 'CANCELLED') request.onSettled?.();
    return error;
  } catch (cause) {
    reporter.debug(cause instanceof Error ? cause.message : String(cause));
    return told(
      error,
      `Whether ${label} is there could not be seen to: look with "launch gpu status --label ${label}", and delete it with "launch gpu delete --label ${label}".`,
    );
  }
}

const removalTexts: Readonly<Record<Removal, (label: string) => string>> = {
  deleted: (label) => `${label} has been deleted again.`,
  none: () => 'Nothing is left behind.',
  other: (label) => `There is a ${label} that this run did not make; it is left alone.`,
};

function leftText(label: string, id: number): string {
  return `${label} (${id}) is kept and costs on: the next run adopts it; "launch gpu delete --label ${label}" deletes it.`;
}

function told(error: LaunchError, more: string): LaunchError {
  return new LaunchError(error.code, error.summary, {
    remedy: `${more} ${error.remedy}`,
    ...(error.place === undefined ? {} : { place: error.place }),
    cause: error.cause,
  });
}
