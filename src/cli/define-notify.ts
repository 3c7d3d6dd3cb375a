import { type Command, Option } from 'commander';
import { runStatuses } from '../core/notify/run-report.ts';
import { withExamples } from './examples.ts';
import type { NotifyFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch notify`. */
export function defineNotify(command: Command): void {
  withExamples(command, [
    ['launch notify --channels-file channels.yml', 'Send a test message to each channel.'],
    [
      'launch notify --channels-file channels.yml --status failure --title "Nightly backup"',
      'Tell of a job of your own that failed.',
    ],
  ])
    .description(
      'Send a message to notification channels, to try them; exit 1 when one of them does not get it.',
    )
    .option(
      '--channels-file <file>',
      'the channels as YAML or JSON; - is stdin (default: the variable LAUNCH_NOTIFY)',
    )
    .option('--title <text>', 'what ran', 'Test of the notifications')
    .addOption(new Option('--status <status>', 'how it ended').choices([...runStatuses]).default('success'))
    .action((flags: NotifyFlags & CommonOptions) =>
      runCommand(flags, async (context) => (await import('./commands/notify.ts')).notify(context, flags)),
    );
}
