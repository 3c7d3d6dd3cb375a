import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { InitFlags } from './flags.ts';
import { choiceOption, wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch init`. */
export function defineInit(command: Command): void {
  withExamples(command, [
    ['launch init', 'Set a repository up; everything is asked.'],
    ['launch init --yes --launch octo-org/launch', 'Take what is usual, with your copy of Launch.'],
    [
      'launch init --yes --target aws --service website --template web',
      'Set it up for a target `aws`, with a first service.',
    ],
  ])
    .description(
      'Set this repository up: launch.yml, workflows, completion for editors, a first service. What is there stays.',
    )
    .option('--target <name>', 'the place that services go to (default: homelab)')
    .option(
      '--labels <list>',
      'the labels of its runner, separated by commas (default: self-hosted,<target>)',
    )
    .option('--host <host>', 'its host name or address, for the links that are shown')
    .option(
      '--environment <name>',
      'its environment at GitHub; empty for none (default: the name of the target)',
    )
    .option(
      '--launch <owner/name@ref>',
      'your copy of Launch at GitHub (default: org/launch@v1, to be edited)',
    )
    .addOption(
      choiceOption(
        '--workflows <form>',
        'reusable, for the same owner, or standalone (default: by the owner of the remote "origin")',
        ['reusable', 'standalone'],
      ),
    )
    .option('--branch <name>', 'the branch whose pushes deploy (default: the one that is checked out)')
    .option('--service <name>', 'make a first service of this name')
    .option('--template <name>', 'what it is made from; see launch new --list')
    .option(
      '--port <n>',
      'the port of the host that it publishes (default: the first that is free)',
      wholeNumber,
    )
    .option('--force', 'write workflows and schemas anew that are there already')
    .option('--yes', 'ask nothing, take what is usual')
    .option('--dry-run', 'show what would be written, and write nothing')
    .action((flags: InitFlags & CommonOptions) =>
      runCommand(flags, async (context) => (await import('./commands/init.ts')).init(context, flags)),
    );
}
