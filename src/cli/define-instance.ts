import { type Command, InvalidArgumentError } from 'commander';
import type { InstanceFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch instance`. */
export function defineInstance(command: Command): void {
  command
    .description(
      "Make, update, check or remove an organisation's own copy of the workers. Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.",
    )
    .argument('<operation>', 'deploy, destroy, status or list')
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
