import { type Command, InvalidArgumentError } from 'commander';
import { withExamples } from './examples.ts';
import type { InstanceFlags } from './flags.ts';
import { operationArgument } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch instance`. */
export function defineInstance(command: Command): void {
  withExamples(command, [
    ['launch instance deploy acme --dry-run', 'Show what would be made for the organisation acme.'],
    ['launch instance deploy --all --parallel 2', 'Bring every instance of this checkout up to date.'],
    ['launch instance status acme', 'Show what is there of it.'],
    ['launch instance list --json', 'List all of them, for a script.'],
    ['launch instance destroy acme --confirm acme', 'Remove it, but for its data.'],
  ])
    .description(
      "Make, update, check or remove an organisation's own copy of the workers. Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.",
    )
    .addArgument(operationArgument(['deploy', 'destroy', 'status', 'list']))
    .argument('[instance]', 'its id, or its file such as instances/acme.json')
    .option('--all', 'deploy every instance of the checkout')
    .option('--parallel <n>', 'with --all: how many at a time', count, 4)
    .option('--confirm <id>', 'destroy: the id again; without it what would be removed is listed')
    .option('--purge', 'destroy: also its row, its bucket and its namespaces')
    .option('--account-id <id>', 'the account (default: the variable CLOUDFLARE_ACCOUNT_ID)')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS, then variables of their own names)',
    )
    .option('--timeout <seconds>', 'give up a worker after this long', count)
    .option('--dry-run', 'show what would be done, and change nothing')
    .action((operation: string, instance: string | undefined, flags: InstanceFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/instance.ts')).instance(context, operation, instance, flags),
      ),
    );
}

function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return Number(text);
}
