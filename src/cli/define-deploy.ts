import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { DeployFlags } from './flags.ts';
import { collect, wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch deploy`. */
export function defineDeploy(command: Command): void {
  withExamples(command, [
    ['launch deploy website', 'Deploy one service from the last commit.'],
    ['launch deploy --base origin/main~1', 'Deploy what changed since that commit.'],
    ['launch deploy --all --secrets-file .env.production', 'Deploy every service, with secrets of a file.'],
    ['launch deploy website --dry-run', 'Show what would be done, and change nothing.'],
  ])
    .description('Deploy services from the last commit, on this machine.')
    .argument('[service...]', 'the services to deploy')
    .option('--all', 'deploy every enabled service')
    .option('--base <commit>', 'deploy what changed since this commit')
    .option('--target <name>', 'the target that this machine is')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option('--env <NAME=value>', 'set a variable for the service; may be repeated', collect, [])
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--keep-releases <n>', 'how many releases to keep', wholeNumber)
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .option('--no-rollback', 'leave a release that fails where it is')
    .option('--force', 'deploy even when nothing changed')
    .option('--dry-run', 'show what would be done, and change nothing')
    .action((services: string[], flags: DeployFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/deploy.ts')).deploy(context, services, flags),
      ),
    );
}
