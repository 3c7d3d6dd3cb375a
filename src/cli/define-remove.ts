import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { RemoveFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch remove`, beside those that tell one service from the others. */
export function defineRemove(command: Command): void {
  withExamples(command, [
    ['launch remove website', 'Take it down, after its name is typed again.'],
    ['launch remove website --yes --json', 'The same without being asked, for a script.'],
  ])
    .description('Take a service on this machine down; its data, its history and its releases are kept.')
    .option('--yes', 'do not ask')
    .option(
      '--secrets-file <file>',
      'for remove.sh: NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .action((service: string, flags: RemoveFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/remove.ts')).remove(context, service, flags),
      ),
    );
}
