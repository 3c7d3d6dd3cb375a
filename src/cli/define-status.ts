import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { HistoryFlags, StateFlags } from './flags.ts';
import { countingNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch status`. */
export function defineStatus(command: Command): void {
  withExamples(command, [
    ['launch status', 'Show every service of this machine.'],
    ['launch status website --json', 'Show one, for a script.'],
  ])
    .description('Show what serves on this machine, and whether it still is what was released.')
    .argument('[service...]', 'only these services')
    .option('--state-dir <folder>', 'where releases are kept')
    .action((services: string[], flags: StateFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/status.ts')).status(context, services, flags),
      ),
    );
}

/** The options of `launch history`; without a service the place is the whole machine. */
export function defineHistory(command: Command): void {
  withExamples(command, [
    ['launch history', 'Show the last 20 deployments of all services of this machine.'],
    ['launch history website', 'Show those of a service.'],
    ['launch history website --limit 1 --json', 'Show the last one, for a script.'],
  ])
    .description('Show what was deployed on this machine, newest first.')
    .option('--limit <n>', 'how many deployments to show', countingNumber, 20)
    .action((service: string | undefined, flags: HistoryFlags & CommonOptions) =>
      runCommand(flags, async (context) => {
        if (service !== undefined) {
          return (await import('./commands/history.ts')).history(context, service, flags);
        }
        return (await import('./commands/host-history.ts')).hostHistory(context, flags);
      }),
    );
}
