import { startDetached } from '../../adapters/process/detached.ts';
import type { Lock } from '../../adapters/state/lock.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';
import { packDeployment } from './pack-deployment.ts';

/** What a guardian did of its own accord. */
export interface GuardianReport {
  readonly release: string | undefined;
  readonly outcome: 'nothing' | 'dropped' | 'finished' | 'undone' | 'removed' | 'not-removed' | 'failed';
  readonly status: 'deployed' | 'rolled-back' | 'failed' | undefined;
  readonly reason: string | undefined;
}

/**
 * Stands by while a release is replaced. It holds the lock together with the process that deploys, and when that
 * one goes without a word, however it goes, the guardian does at once what the next run would do.
 */
export interface Guardian {
  readonly pid: number;
  /** All is done and recorded: it goes. */
  dismiss(): Promise<void>;
  /** It takes over, and goes on when this process has ended; what it did, if that is known within `ms`. */
  takeOver(ms: number): Promise<GuardianReport | undefined>;
  /** It takes over, and nobody waits for it. */
  leave(): void;
}

/** How long a new process may take until it stands by; a host that is busy takes its time. */
const startMs = 30_000;

/** @throws LaunchError DEPLOY_FAILED when it can't be had: nothing has been touched then. */
export async function startGuardian(
  deployment: Deployment,
  place: { readonly folder: string; readonly shared: boolean; readonly lock: Lock },
): Promise<Guardian> {
  const child = startDetached({
    command: [process.execPath, guardianProgram()],
    cwd: place.folder,
    // Neither secrets nor what the runner looks for when it ends what a job has left.
    env: hostPart(deployment.request.hostEnv),
    inherit: place.lock.fd,
  });
  child.send(packDeployment(deployment, place));
  const first = await child.nextLine(startMs);
  if (first !== 'ready') {
    child.kill();
    throw new LaunchError('DEPLOY_FAILED', 'The guardian of the deployment did not start.', {
      remedy:
        'Nothing has been changed. See whether the host has memory and processes left, then deploy again.',
    });
  }
  await place.lock.name({ guardian: child.pid });
  return {
    pid: child.pid,
    async dismiss() {
      child.send(new TextEncoder().encode('dismissed'));
      await child.ended(5000);
    },
    async takeOver(ms) {
      child.closeInput();
      const line = await child.nextLine(ms);
      child.letGo();
      return line === undefined ? undefined : parseReport(line);
    },
    leave() {
      child.closeInput();
      child.letGo();
    },
  };
}

/** Beside the bundle where there is one; in a checkout the source itself. */
function guardianProgram(): string {
  const here = import.meta.url;
  const path = here.endsWith('.ts') ? '../../guardian/start.ts' : './guardian/index.js';
  return decodeURIComponent(new URL(path, here).pathname);
}

function parseReport(line: string): GuardianReport | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isReport(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is GuardianReport {
  return typeof value === 'object' && value !== null && 'outcome' in value;
}
