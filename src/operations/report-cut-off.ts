import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { isLocked } from '../adapters/state/flock.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { layout } from '../core/deploy/state-layout.ts';
import type { Reporter } from './reporter.ts';

const place = z.object({ folder: z.string(), service: z.string(), target: z.string(), release: z.string() });

/** Which deployment was under way; what a later step needs to find out what became of it. */
export type DeploymentPlace = z.infer<typeof place>;

/** What became of a deployment whose process is gone. */
export interface CutOff extends DeploymentPlace {
  readonly outcome: 'deployed' | 'rolled-back' | 'failed' | 'dropped' | 'under way';
}

/** Undefined for what is no place. */
export function parsePlace(text: string): DeploymentPlace | undefined {
  try {
    const parsed = z.safeParse(place, JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
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
    (it) => it.release === release && it.status !== 'unlocked',
  );
  const isOpen = (await state.readJournal()).some((entry) => entry.release === release);
  const outcome = isOpen || line?.status === 'unlocked' ? 'under way' : (line?.status ?? 'dropped');
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
