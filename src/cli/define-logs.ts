import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { LogsFlags } from './flags.ts';
import { wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch logs`, beside those that tell one service from the others. */
export function defineLogs(command: Command): void {
  withExamples(command, [
    ['launch logs website', 'Show what the containers of a service have printed.'],
    ['launch logs website --follow --tail 20', 'Show the last lines, and what comes, over deployments.'],
    ['launch logs website --since 10m --container web', 'Show the last ten minutes of one container.'],
    ['launch logs website --tail 100 --json', 'Print a JSON document for each line.'],
  ])
    .description('Show what the containers of a service on this machine print, in the order of time.')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C; also when a deployment replaces containers')
    .option('--tail <n>', 'only so many of the last lines of each container', wholeNumber)
    .option('--since <time>', 'only what is not older: 10m, 2h, 3d, or a time such as 2026-01-31T08:00:00Z')
    .option('--container <name>', 'only this container, or this service of the compose file')
    .option('--timestamps', 'show when each line was printed')
    .option('--raw', 'leave the escape sequences in, with which a line can take over a terminal')
    .action((service: string, flags: LogsFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/logs.ts')).logs(context, service, flags),
      ),
    );
}
