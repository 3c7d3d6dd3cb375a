import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { AdoptFlags } from './flags.ts';
import { collect, wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch adopt`. */
export function defineAdopt(command: Command): void {
  withExamples(command, [
    ['launch adopt website --dry-run', 'Compare what runs with the last commit.'],
    ['launch adopt website --secrets-file .env', 'Take it over; no container is restarted.'],
  ])
    .description('Take a compose project that runs on this machine over as it runs, as a release.')
    .argument('<service>', 'the service whose folder the project is from')
    .option('--dry-run', 'compare what runs with the last commit, and take nothing over')
    .option('--target <name>', 'the target that this machine is')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option(
      '--env <NAME=value>',
      'a variable that the service is deployed with; may be repeated',
      collect,
      [],
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .action((service: string, flags: AdoptFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/adopt.ts')).adopt(context, service, flags),
      ),
    );
}
