import { join } from 'node:path';
import type { ServiceState } from '../adapters/state/service-state.ts';
import { hostKey } from '../adapters/state/state-root.ts';
import { runCancelled } from '../core/cancelled.ts';
import { counted } from '../core/counted.ts';
import type { JournalEntry } from '../core/deploy/journal.ts';
import { describeOutage } from '../core/deploy/outage.ts';
import { describedImages, historyOf, type Release } from '../core/deploy/release.ts';
import type { DeployResult, Failure } from '../core/deploy/result.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { sealOf } from '../core/secrets/seal.ts';
import { assertRoom } from './deploy/assert-room.ts';
import type { Deployment } from './deploy/deployment.ts';
import type { BeforeStart, Draft, Driver } from './deploy/driver.ts';
import { driverFor } from './deploy/driver-for.ts';
import { noticeFreeze, settleFreeze, tellHeldFault } from './deploy/freeze.ts';
import type { Guarded } from './deploy/guarded-by-lock.ts';
import { runHook, runHookBefore } from './deploy/hooks.ts';
import { isLive } from './deploy/is-live.ts';
import { faultOfLive } from './deploy/live-fault.ts';
import { freeReserve, makeRelease } from './deploy/make-release.ts';
import { planDeployment } from './deploy/plan-deployment.ts';
import { pruneReleases } from './deploy/prune-releases.ts';
import { type PutBackOutcome, putBack } from './deploy/put-back.ts';
import { recover, tellOfGuardian } from './deploy/recover.ts';
import { rehearse } from './deploy/rehearse.ts';
import type { DeployRequest } from './deploy/request.ts';
import { findSupersession, noteNewest } from './deploy/superseded.ts';
import { watchOutage } from './deploy/watch-outage.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { listUncommitted } from './list-uncommitted.ts';
import type { Reporter } from './reporter.ts';

export type { DeployRequest } from './deploy/request.ts';

/**
 * Deploys one service of the checkout's commit to this host. How that ended is the result; an error is thrown
 * for what kept it from starting, and then nothing has been changed.
 *
 * @throws LaunchError CONFIG_INVALID, SERVICE_NOT_FOUND, TARGET_UNKNOWN, SECRET_MISSING, ENGINE_UNAVAILABLE,
 *   LOCK_HELD, SUPERSEDED, DISK_FULL, DEPLOY_FAILED (a pull, a build or a hook before the start), CANCELLED
 */
export async function deployService(request: DeployRequest, reporter: Reporter): Promise<DeployResult> {
  const started = performance.now();
  const deployment = await planDeployment(request, reporter);
  const uncommitted = (await listUncommitted(deployment)).length;
  if (uncommitted > 0) {
    deployment.reporter.warning(
      `${counted(uncommitted, 'uncommitted change')} in ${deployment.folder} will not be deployed: what is deployed is the commit ${deployment.commit.slice(0, 12)}.`,
    );
  }
  if (request.dryRun) return await rehearse(deployment, started);
  return await withServiceLock(deployment, async (state, guarded) => {
    const driver = await driverFor(deployment, state.folder, state);
    try {
      return await deployLocked(deployment, state, driver, guarded, started);
    } finally {
      driver.close();
    }
  });
}

/**
 * The envelope; everything in it happens under the lock. lock → recover → snapshot → pull and build → start →
 * verify → switch → record → prune → unlock, each step noted in the journal before it acts.
 */
export async function deployLocked(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  guarded: Guarded,
  started: number,
): Promise<DeployResult> {
  await driver.assertReady();
  await tellOfGuardian(deployment, state);
  await recover(deployment, state, driver);
  const current = await state.readCurrent();
  const frozen = await noticeFreeze(deployment, state, current);
  if (frozen?.holds === true && current !== undefined) {
    const fault = await faultOfLive(deployment, driver, state, current);
    const notices = [
      frozen.text,
      ...(fault === undefined ? [] : [tellHeldFault(deployment, current, fault)]),
    ];
    return { ...resultOf(deployment, 'unchanged', current, started), frozen: true, fault, notices };
  }
  const seal = sealOf(deployment.handedOver, await hostKey(deployment.stateRoot));
  if (current !== undefined && (await isLive(deployment, driver, state, current, seal))) {
    deployment.reporter.info(`${current.id} is live and healthy: nothing to do.`);
    await noteNewest(deployment, state, current);
    return resultOf(deployment, 'unchanged', current, started);
  }
  const supersession = await findSupersession(deployment, state, current);
  if (current !== undefined && supersession.kind === 'overtaken') {
    return { ...resultOf(deployment, 'unchanged', current, started), superseded: supersession.because };
  }
  // It starts up while the release is prepared, and costs no time of its own.
  const guardian = guarded.start(deployment);
  const prepared = await prepareRelease(deployment, state, driver, current, seal, guardian);
  const watch = watchOutage(deployment, await driver.entrance(), prepared.release);
  try {
    const failure = await startAndVerify(deployment, state, driver, prepared);
    await freeReserve(prepared.draft);
    const result =
      failure === undefined
        ? await accept(deployment, state, driver, prepared, started)
        : await giveUp(deployment, state, driver, prepared, failure, started);
    const outage = await watch.end();
    const said = describeOutage(outage);
    if (said !== '') deployment.reporter.info(`Outage: ${said}.`);
    await pruneReleases(state, deployment.request.keepReleases, deployment.reporter, driver);
    const notices = frozen === undefined ? {} : { notices: [...(result.notices ?? []), frozen.text] };
    return { ...result, ...outage, ...notices };
  } finally {
    await watch.end();
  }
}

interface Prepared {
  readonly draft: Draft;
  readonly release: Release;
  readonly before: BeforeStart;
}

/** Everything that can fail without harm. When it does, nothing is left of it. */
async function prepareRelease(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  current: Release | undefined,
  seal: string,
  guardian: Promise<unknown>,
): Promise<Prepared> {
  try {
    await assertRoom(deployment);
    const { draft, release: first } = await makeRelease(deployment, state, current, seal);
    await state.appendJournal(noteOf('prepare', { release: first }));
    // What they made is in the content of a release that comes back.
    const isNew = deployment.restores === undefined;
    if (isNew) await runHookBefore(deployment, draft, 'build');
    const details = await driver.prepare(draft, current);
    const release = { ...first, ...details };
    await state.writeRelease(release);
    if (isNew) await runHookBefore(deployment, draft, 'pre-deploy');
    const before = await driver.lookBefore(draft);
    if (deployment.interruption.signal?.aborted === true) throw runCancelled();
    // Nothing of what runs is touched before somebody stands by who can bring it back.
    await guardian;
    await state.appendJournal(noteOf('start', { release, before }));
    return { draft, release, before };
  } catch (error) {
    const unfinished = (await state.readJournal()).at(-1)?.release;
    if (unfinished !== undefined) await state.removeRelease(unfinished);
    await state.clearJournal();
    throw error;
  }
}

/** From here on the old release may not serve any more, so that whatever goes wrong is a reason to go back. */
async function startAndVerify(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  prepared: Prepared,
): Promise<Failure | undefined> {
  const { draft, before } = prepared;
  try {
    await driver.keep(draft, before);
    const notStarted = await driver.start(draft, before);
    if (notStarted !== undefined) {
      return { ...notStarted, lines: [...notStarted.lines, ...(await driver.explain(before))] };
    }
    const snapshot = join(draft.path, layout.snapshot);
    const release = { id: draft.id, snapshot, folder: deployment.folder };
    const unhealthy = await driver.verify(release, before);
    if (unhealthy !== undefined) return unhealthy;
    if (before.switching !== undefined) await state.appendJournal(noteOf('switch', prepared));
    const notSwitched = await driver.switchOver(release, before);
    const failed = notSwitched ?? (await runHook(deployment, draft, 'post-deploy'));
    return failed ?? (await driver.lookOnceMore(release.id, before));
  } catch (error) {
    const reason = error instanceof LaunchError ? error.summary : String(error);
    const cancelled = error instanceof LaunchError && error.code === 'CANCELLED';
    return { reason: deployment.redact(reason.replace(/\.$/, '')), lines: [], cancelled };
  }
}

async function accept(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  prepared: Prepared,
  started: number,
): Promise<DeployResult> {
  const { before } = prepared;
  await state.appendJournal(noteOf('verified', prepared));
  const lost = await driver.retire(before);
  if (lost !== undefined) return await giveUp(deployment, state, driver, prepared, lost, started);
  const { made, kept, ...details } = await driver.describe(before);
  const durationMs = Math.round(performance.now() - started);
  const images = describedImages(prepared.release.images, details.images);
  const release: Release = { ...prepared.release, ...details, images, status: 'deployed', durationMs };
  await driver.keepImages(release);
  await state.writeRelease(release);
  await settleFreeze(state, release);
  await state.setCurrent(release.id);
  await driver.settle(before.project);
  await state.appendHistory(historyOf(release, 'deployed', durationMs));
  await state.clearJournal();
  return { ...resultOf(deployment, 'deployed', release, started), made, kept };
}

async function giveUp(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  prepared: Prepared,
  found: Failure,
  started: number,
): Promise<DeployResult> {
  const { before, release } = prepared;
  // It goes into the history, the summary and the error: whoever wrote it, no secret gets past here.
  const failure = {
    ...found,
    reason: deployment.redact(found.reason),
    lines: found.lines.map(deployment.redact),
  };
  const { reporter, request } = deployment;
  reporter.warning(`${release.id} failed: ${failure.reason}.`);
  let outcome: PutBackOutcome = { status: 'failed', notPutBack: undefined, again: false };
  if (request.rollbackOnFailure) {
    // The journal says enough as it is: a full disk must not be in the way.
    await state.appendJournal(noteOf('put-back', prepared)).catch(() => {});
    const { previous } = release;
    deployment.interruption.disregard();
    outcome = await reporter.group(
      previous === undefined ? 'Take the failed release down' : `Put ${previous} back`,
      async () => await putBack(deployment, state, driver, noteOf('put-back', prepared)),
    );
  } else await driver.settle(before.project);
  const isLeft = !request.rollbackOnFailure && before.switching?.strategy !== undefined;
  const previousServes = isLeft && (await driver.servesAsBefore(before).catch(() => false));
  const durationMs = Math.round(performance.now() - started);
  const left = isLeft ? { leftBeside: true } : {};
  await state.writeRelease({ ...release, status: outcome.status, durationMs, ...left });
  await state.appendHistory({
    ...historyOf(release, outcome.status, durationMs),
    reason: failure.reason,
    ...(request.rollbackOnFailure ? {} : { left: true }),
  });
  // What could not be put back now is tried again by the next run.
  if (!outcome.again) await state.clearJournal();
  const { status, notPutBack } = outcome;
  return { ...resultOf(deployment, status, release, started), failure, notPutBack, previousServes };
}

function noteOf(
  step: JournalEntry['step'],
  { release, before }: { readonly release: Release; readonly before?: BeforeStart },
): JournalEntry {
  return {
    step,
    at: new Date().toISOString(),
    release: release.id,
    ...(release.previous === undefined ? {} : { previous: release.previous }),
    ...(before === undefined ? {} : { before: [...before.before] }),
    ...(before?.project === undefined ? {} : { project: before.project }),
    ...(before?.networks === undefined ? {} : { networks: [...before.networks] }),
    ...(before?.tags === undefined ? {} : { tags: before.tags }),
    ...(before?.switching === undefined ? {} : { switching: before.switching }),
  };
}

function resultOf(
  deployment: Deployment,
  status: DeployResult['status'],
  release: Release,
  started: number,
): DeployResult {
  const { owner, placement } = deployment;
  return {
    status,
    service: owner.service,
    target: owner.target,
    release: release.id,
    previousRelease: release.previous,
    commit: release.commit,
    fingerprint: release.fingerprint,
    url: placement.url,
    durationMs: Math.round(performance.now() - started),
    made: [],
    kept: [],
    failure: undefined,
    notPutBack: undefined,
    plan: undefined,
    restores: release.restores,
    notices: deployment.notices,
  };
}
