// The real programs a suite runs. Without them a suite is skipped aloud on a
// person's machine, and fails in CI, where a skipped suite would look like a passed one.
import { spawnSync } from 'node:child_process';
import { describe, it } from '@jest/globals';
import { findNode24, toolPath } from './tool-path.ts';

export { node24, toolPath } from './tool-path.ts';

/** Tools that take more than a program on PATH: the engine must answer. */
const PROBES: Readonly<Record<string, () => string | undefined>> = {
  docker: () =>
    answers('docker', ['version', '--format', '{{.Server.Version}}'])
      ? undefined
      : 'no Docker Engine answers',
  root: () => (process.getuid?.() === 0 ? undefined : 'only root may do this'),
  compose: () => (answers('docker', ['compose', 'version']) ? undefined : 'docker has no compose plugin'),
};

export type Suite = (name: string, body: () => void) => void;

/**
 * `describe` when all of these are there: `docker` (an engine that answers),
 * `compose` (its plugin), `node24`, `root`, else the names of programs, as `act` or `flock`.
 */
export function requireTools(...tools: readonly string[]): Suite {
  const reasons = tools.flatMap((tool) => reasonAgainst(tool) ?? []);
  if (reasons.length === 0) return describe;
  const reason = `${reasons.join('; ')}. Run scripts/setup-dev.sh, it installs what the tests need or says why it can't.`;
  if (process.env['CI'] === 'true') {
    return (name) =>
      describe(name, () => {
        it('has the tools it needs', () => {
          throw new Error(reason);
        });
      });
  }
  return (name, body) => {
    console.warn(`SKIPPED ${name}: ${reason}`);
    describe.skip(`${name} (skipped: ${reasons.join('; ')})`, body);
  };
}

const reasons = new Map<string, string | undefined>();

function reasonAgainst(tool: string): string | undefined {
  if (!reasons.has(tool)) reasons.set(tool, probe(tool));
  return reasons.get(tool);
}

function probe(tool: string): string | undefined {
  const special = PROBES[tool];
  if (special !== undefined) return special();
  const path = tool === 'node24' ? findNode24() : toolPath(tool);
  return path === undefined ? `there is no ${tool}` : undefined;
}

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
