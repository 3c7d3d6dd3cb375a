import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { StateFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch doctor`. */
export function defineDoctor(command: Command): void {
  withExamples(command, [
    ['launch doctor', 'Check this machine.'],
    ['launch doctor --targets', 'Check the targets of this checkout; reads GITHUB_TOKEN or GH_TOKEN.'],
  ])
    .description(
      'Check whether this machine can deploy, and what earlier deployments have left on it; exit 1 when something failed.',
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--targets', 'check the targets instead: who uses them, their runners and environments')
    .action((flags: StateFlags & CommonOptions & { readonly targets?: boolean }) =>
      runCommand(flags, async (context) =>
        flags.targets === true
          ? (await import('./commands/doctor-targets.ts')).doctorTargets(context)
          : (await import('./commands/doctor.ts')).doctor(context, flags),
      ),
    );
}
