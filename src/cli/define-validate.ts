import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { ValidateFlags } from './flags.ts';
import { choiceOption } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch validate`. */
export function defineValidate(command: Command): void {
  withExamples(command, [
    ['launch validate', 'Check every service of this checkout.'],
    ['launch validate website --fail-on warning', 'Check one, and take warnings for errors.'],
    ['launch validate --sarif problems.sarif', 'Also write the problems for GitHub code scanning.'],
  ])
    .description('Check services before they are deployed; exit 1 when something is wrong.')
    .argument('[service...]', 'check these services (default: all)')
    .option('--required-files <list>', 'files that each service must have, separated by commas')
    .addOption(
      choiceOption(
        '--shellcheck <severity>',
        'from what on findings of ShellCheck count (default: warning)',
        [...['error', 'warning', 'info', 'style', 'off']],
      ),
    )
    .addOption(
      choiceOption('--fail-on <severity>', 'what the exit status is 1 for (default: error)', [
        ...['error', 'warning'],
      ]),
    )
    .option('--sarif <file>', 'also write the problems as SARIF')
    .action((services: string[], flags: ValidateFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/validate.ts')).validate(context, services, flags),
      ),
    );
}
