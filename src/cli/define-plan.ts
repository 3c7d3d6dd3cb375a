import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { PlanFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch plan`. */
export function definePlan(command: Command): void {
  withExamples(command, [
    ['launch plan', 'Show where every service would go.'],
    [
      'launch plan --base origin/main --diff',
      'Show what merging this branch would deploy, and what changes.',
    ],
    ['launch plan --base v1.4.0 --head v1.5.0 --json', 'Compare two commits, for a script.'],
  ])
    .description('Show what would be deployed, where and why, what goes away, and what to look at.')
    .argument('[service...]', 'plan these services, whether they changed or not')
    .option('--base <commit>', 'compare with this commit (default: plan every service)')
    .option('--head <commit>', 'the commit to plan (default: HEAD)')
    .option('--target <name>', 'send the services to this target')
    .option('--diff', 'also show how the compose configuration differs')
    .option('--markdown', 'print it as a pull request shows it')
    .option('--check-runners', 'ask GitHub whether runners are online; reads GITHUB_TOKEN or GH_TOKEN')
    .option('--state-dir <folder>', 'where this machine keeps releases; what is frozen here is told')
    .action((services: string[], flags: PlanFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/plan.ts')).plan(context, services, flags),
      ),
    );
}
