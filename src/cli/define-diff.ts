import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { DiffFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch diff`, beside those that tell one service from the others. */
export function defineDiff(command: Command): void {
  withExamples(command, [
    ['launch diff website', 'Show what a deployment of the last commit would change.'],
    ['launch diff website --patch', 'Show also what differs in each file.'],
    ['launch diff website --to 20260102T030405Z-4f2a1c9', 'Show what going to that release would change.'],
    ['launch diff website --exit-code --json', 'Exit with 1 when something differs, for a script.'],
  ])
    .description('Show how what serves on this machine differs from the last commit.')
    .option('--to <release>', 'compare with this release that is kept, or version of a worker')
    .option('-p, --patch', 'show what differs in each file; what looks like a secret is hidden')
    .option(
      '--secrets-file <file>',
      'tell whether these are other values: NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option('--exit-code', 'exit with 1 when something differs')
    .action((service: string, flags: DiffFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/diff.ts')).diff(context, service, flags),
      ),
    );
}
