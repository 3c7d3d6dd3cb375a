import type { Command } from 'commander';

/** A command line as one types it, and what it does. */
export type Example = readonly [line: string, what: string];

/** What the exit status tells, in every `--help`. */
const exitStatusText =
  'Exit status: 0 fine, 1 failed and nothing changed, 2 wrong usage, 3 taken back (the old release serves), 4 down.';

/** Shows command lines below the options in `--help`, and what the exit status tells. A test parses each line. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  const shown = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return command.addHelpText('after', `\nExamples:\n${shown.join('\n')}\n\n${exitStatusText}`);
}
