import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { RollbackFlags } from './flags.ts';
import { wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch rollback`, beside those that tell one service from the others. */
export function defineRollback(command: Command): void {
  withExamples(command, [
    ['launch rollback website', 'Go back to the release before.'],
    [
      'launch rollback website --to 20260102T030405Z-4f2a1c9',
      'Go back to this one; `launch history` lists them.',
    ],
  ])
    .description('Take a service on this machine back to a release of before.')
    .option('--to <release>', 'the release to go back to (default: the one before)')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .action((service: string, flags: RollbackFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/rollback.ts')).rollback(context, service, flags),
      ),
    );
}
