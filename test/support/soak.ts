import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './source-tree.ts';
import { node24 } from './tools.ts';

/** What jest is given for a soak, in milliseconds. */
export const soakTimeoutMs = 180_000;

interface SoakRun {
  /** Both streams, stdout first. */
  readonly said: string;
  /** The exit code; null: it took too long. */
  readonly status: number | null;
}

/** Runs one of `bench/soak-*.ts` as `npm run soak:<name>` does, and for no longer than a test may last. */
export function runSoak(name: string, ...args: string[]): SoakRun {
  const { stdout, stderr, status } = spawnSync(node24(), [join(ROOT, `bench/soak-${name}.ts`), ...args], {
    encoding: 'utf8',
    timeout: soakTimeoutMs - 10_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { said: `${stdout}${stderr}`, status };
}
