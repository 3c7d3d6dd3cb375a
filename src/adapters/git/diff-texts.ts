import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from './command.ts';
import { gitEnvironment } from './environment.ts';

export interface TextPair {
  readonly before: string;
  readonly after: string;
}

/**
 * Unified diffs, one for each pair, without file names; empty where the two are the same. One git process for all of
 * them, outside of any repository and its settings; the texts lie in a private folder meanwhile, so they hold no secret.
 * Undefined where git could not do it.
 */
export async function diffTexts(pairs: readonly TextPair[]): Promise<readonly string[] | undefined> {
  if (pairs.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'launch-diff-'));
  try {
    for (const side of ['before', 'after'] as const) {
      mkdirSync(join(folder, side));
      for (const [index, pair] of pairs.entries()) {
        writeFileSync(join(folder, side, String(index)), pair[side], { mode: 0o600 });
      }
    }
    const env = gitEnvironment({
      GIT_CEILING_DIRECTORIES: tmpdir(),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
    });
    const answer = await git({ cwd: folder, options: [], env }, [...argv, 'before', 'after']);
    // As diff does: 1 means that they differ.
    if (answer.exitCode !== 0 && answer.exitCode !== 1) return undefined;
    const found = hunksByName(answer.stdout);
    return pairs.map((_pair, index) => found.get(String(index)) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const argv = [
  'diff',
  '--no-index',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--text',
  '--unified=3',
  '--diff-algorithm=histogram',
  '--src-prefix=',
  '--dst-prefix=',
];

/** Lines of the files begin with a space or a sign, so none of them can pass for a header. */
function hunksByName(output: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of output.split(/^diff --git /m)) {
    const name = /^before\/(\d+) /.exec(part)?.[1];
    const start = part.search(/^@@ /m);
    if (name !== undefined && start >= 0) found.set(name, part.slice(start).trimEnd());
  }
  return found;
}
