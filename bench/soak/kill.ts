import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakHost } from './host.ts';
import { processesOf } from './processes.ts';

export const killModes = ['deployer', 'deployer and guardian', 'everything'] as const;
export type KillMode = (typeof killModes)[number];

/** Starts a deployment and kills it so many milliseconds later, without any warning. */
export async function endAtRandom(host: SoakHost, mode: KillMode, afterMs: number): Promise<void> {
  const { child, ended } = host.start();
  await sleep(afterMs);
  if (mode !== 'deployer') kill(guardianOf(host));
  kill(child.pid);
  if (mode === 'everything') for (const { pid } of processesOf(host.folder)) kill(pid);
  await ended;
}

function guardianOf(host: SoakHost): number | undefined {
  try {
    const { guardian } = JSON.parse(readFileSync(join(host.folder, 'lock'), 'utf8'));
    return typeof guardian === 'number' ? guardian : undefined;
  } catch {
    return undefined;
  }
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
