import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLocked } from '../adapters/state/flock.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { deploymentStatus } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import type { Reporter } from './reporter.ts';

/** Which deployment was under way; what a later step needs to find out what became of it. */
export interface DeploymentPlace {
  readonly folder: string;
  readonly service: string;
  readonly target: string;
  readonly release: string;
}

/** How the host's history says that a release ended; undefined for one that it does not know. */
export type KnownEnd = (release: string) => 'deployed' | 'rolled-back' | 'failed' | undefined;

/** A release that is about to be made. */
export interface ReleaseStart extends DeploymentPlace {
  readonly commit: string;
  /** What serves until then. */
  readonly previous?: string | undefined;
  readonly url?: string | undefined;
}

/** What became of a deployment whose process is gone. */
export interface CutOff extends DeploymentPlace {
  readonly outcome: 'deployed' | 'rolled-back' | 'failed' | 'dropped' | 'under way';
}

/** Whether nothing is left of it, and nothing is to be done any more: it never touched what runs. */
export async function isDropped({ folder, release }: DeploymentPlace): Promise<boolean> {
  const state = openServiceState(folder, false);
  const [journal, history] = await Promise.all([state.readJournal(), state.readHistory()]);
  return ![...journal, ...history].some((entry) => entry.release === release);
}

/** Waits for a guardian that is still at it, at most so long, and says what it did. */
export async function reportCutOff(
  where: DeploymentPlace,
  { hostEnv, waitMs }: { readonly hostEnv: NodeJS.ProcessEnv; readonly waitMs: number },
  reporter: Reporter,
): Promise<CutOff> {
  const lock = join(where.folder, layout.lock);
  const state = openServiceState(where.folder, false);
  const deadline = performance.now() + waitMs;
  const isUnderWay = async () =>
    (await isLocked(lock, hostPart(hostEnv))) &&
    (await state.readJournal()).some((entry) => entry.release === where.release);
  for (let told = false; performance.now() < deadline && (await isUnderWay()); told = true) {
    if (!told) reporter.info(`The guardian of ${where.service} is at work; waiting for it.`);
    await sleep(200);
  }
  const { service, target, release } = where;
  const line = (await state.readHistory()).findLast(
    (it) => it.release === release && deploymentStatus(it) !== undefined,
  );
  const isOpen = (await state.readJournal()).some((entry) => entry.release === release);
  const ended = line === undefined ? undefined : deploymentStatus(line);
  const outcome = isOpen ? 'under way' : (ended ?? 'dropped');
  const cutOff = { ...where, outcome } as const;
  const what = `The deployment ${release} of ${service} on ${target} was cut off`;
  if (outcome === 'under way')
    reporter.warning(`${what}. The next run brings it to an end, or \`launch recover\`.`);
  else reporter.warning(`${what}: ${meaning[outcome]}.`);
  return cutOff;
}

const meaning = {
  deployed: 'it was healthy, and it stays',
  'rolled-back': 'it was taken back, and the release before it serves',
  failed: 'it was taken back, and no release serves',
  dropped: 'it had not started, and nothing was changed',
} as const;
