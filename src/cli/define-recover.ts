import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { StateFlags, UnlockFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch recover`. */
export function defineRecover(command: Command): void {
  withExamples(command, [
    ['launch recover', 'Finish or undo every deployment of this machine that was cut off.'],
    ['launch recover --json', 'The same, for a script.'],
  ])
    .description(
      'Bring every deployment of this machine that was cut off to an end: for the boot, and by hand.',
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .action((flags: StateFlags & CommonOptions) =>
      runCommand(flags, async (context) => (await import('./commands/recover.ts')).recover(context, flags)),
    );
}

/** The options of `launch unlock`, beside those that tell one service from the others. */
export function defineUnlock(command: Command): void {
  withExamples(command, [
    ['launch unlock website', 'Show who deploys it now.'],
    ['launch unlock website --force --reason "hangs since noon"', 'End that, and put the service right.'],
  ])
    .description('Show who holds the lock of a service; with --force end a deployment that hangs.')
    .option('--force', 'end the processes that hold it, and put the service right')
    .option('--reason <text>', 'why; it is noted down in the history')
    .action((service: string, flags: UnlockFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/unlock.ts')).unlock(context, service, flags),
      ),
    );
}
