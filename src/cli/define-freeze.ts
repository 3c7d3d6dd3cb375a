import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { FreezeFlags, PlaceFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch freeze`, beside those that tell one service from the others. */
export function defineFreeze(command: Command): void {
  withExamples(command, [
    ['launch freeze website --reason "sale until Sunday"', 'Hold it until a commit touches it.'],
    ['launch freeze website --reason "audit" --strict', 'Hold it until `launch unfreeze`.'],
  ])
    .description('Hold deployments of a service on this machine, until a commit touches it.')
    .requiredOption('--reason <text>', 'why, for those who wonder (required)')
    .option('--strict', 'refuse also a commit that touches it')
    .action((service: string, flags: FreezeFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/freeze.ts')).freeze(context, service, flags),
      ),
    );
}

/** `launch unfreeze`, which has no further options. */
export function defineUnfreeze(command: Command): void {
  withExamples(command, [['launch unfreeze website', 'Let deployments of it through again.']])
    .description('Let deployments of a service on this machine through again.')
    .action((service: string, flags: PlaceFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/freeze.ts')).unfreeze(context, service, flags),
      ),
    );
}
