import type { Command } from 'commander';

/** A command line, as one types it, and what it is good for. */
export type Example = readonly [line: string, what: string];

/** Shows command lines below the options in `--help`. A test parses each of them. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  const shown = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return command.addHelpText('after', `\nExamples:\n${shown.join('\n')}`);
}
