import type { Command } from 'commander';
import { type Candidate, type CompletedLine, completeLine } from '../complete/wanted.ts';

/** No other name is offered: somebody may have chosen it so that a shell runs it, or launch takes it for an option. */
const harmless = /^[A-Za-z0-9][\w.@+-]{0,127}$/;

/**
 * Prints what may come where the last of `words` stands: a first line `words`, `files` or `folders`, then each candidate
 * with a tab and its description. Whatever is wrong, nothing is printed: it would land in the line that somebody types.
 */
export async function complete(launch: Command, words: readonly string[], cwd: string): Promise<void> {
  try {
    process.stdout.write(`${(await linesFor(launch, words, cwd)).join('\n')}\n`);
  } catch {
    process.stdout.write('words\n');
  }
}

async function linesFor(launch: Command, words: readonly string[], cwd: string): Promise<string[]> {
  const line = completeLine(launch, words);
  const { wanted, prefix } = line;
  if (wanted.kind === 'files' || wanted.kind === 'folders') return [wanted.kind];
  const begun = (words.at(-1) ?? '').slice(prefix.length);
  const lines = (await candidatesFor(line, cwd))
    .filter(({ value }) => value.startsWith(begun))
    .map(({ value, description }) => `${prefix}${value}\t${description}`);
  return ['words', ...new Set(lines)];
}

async function candidatesFor(line: CompletedLine, cwd: string): Promise<readonly Candidate[]> {
  const { wanted } = line;
  if (wanted.kind === 'words') return wanted.words;
  if (wanted.kind !== 'names') return [];
  const { findNames } = await import('../complete/names.ts');
  const names = await findNames(wanted.of, line, cwd);
  return names.filter((name) => harmless.test(name)).map((value) => ({ value, description: '' }));
}
