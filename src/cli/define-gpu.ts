import { type Command, InvalidArgumentError } from 'commander';
import { withExamples } from './examples.ts';
import type { GpuFlags } from './flags.ts';
import { choiceOption, operationArgument } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch gpu`. */
export function defineGpu(command: Command): void {
  withExamples(command, [
    [
      'launch gpu ensure --label sandbox --types g2-gpu-rtx4000a1-s --stackscript ai-sandbox --ttl 4h --dry-run',
      'Show what would be made, and what it costs.',
    ],
    ['launch gpu status', 'List the instances and what they have cost so far.'],
    ['launch gpu check --host 203.0.113.7 --api-key-file key', 'Ask the services of one whether they work.'],
    ['launch gpu delete --label sandbox', 'Delete one, after its label is typed again.'],
    ['launch gpu reap', 'Delete those whose time is past.'],
  ])
    .description(
      'Make, show, check and delete GPU instances at Linode, and delete those whose time is past. Reads LINODE_TOKEN.',
    )
    .addArgument(operationArgument(['ensure', 'status', 'delete', 'reap', 'check']))
    .option('--label <label>', 'what the instance is called, once in the account')
    .option('--id <id>', 'delete: its number', number)
    .option('--types <list>', 'ensure: types in order of preference, separated by commas')
    .option('--regions <list>', 'ensure: regions in order of preference (default: any, the cheapest first)')
    .option('--image <image>', 'ensure: what it is made from (default: linode/ubuntu24.04)')
    .option(
      '--stackscript <file|id>',
      'ensure: what it runs at its first boot; ai-sandbox is the one of Launch',
    )
    .option(
      '--stackscript-data <NAME=value...>',
      'ensure: what the StackScript asks for; secrets in a file: @file, with JSON or NAME=value lines, or @- for stdin',
    )
    .option('--authorized-keys <file...>', 'ensure: files with the public SSH keys that may log in as root')
    .option(
      '--firewall <list>',
      'ensure: the addresses that may reach it (default: caller, which is this machine); 0.0.0.0/0 for everybody',
    )
    .option('--tags <list>', "ensure: more tags; Launch's own are set anyway")
    .option('--ttl <time>', 'ensure: after which `reap` deletes it, such as 4h or 3d')
    .option('--max-hourly-cost <dollars>', 'ensure: refuse what costs more')
    .addOption(
      choiceOption(
        '--wait-for <goal>',
        'ensure: until what it waits (default: services with a StackScript)',
        [...['running', 'services']],
      ),
    )
    .option('--timeout <time>', 'ensure: give up waiting after this long (default: 45m)')
    .addOption(
      choiceOption('--on-failure <what>', 'ensure: what to do with what was made', [
        'keep',
        'delete',
      ]).default('keep'),
    )
    .option('--dry-run', 'show what would be done, and change nothing')
    .option('--yes', 'delete: without being asked for the label again')
    .option('--host <address>', 'check: where the services are')
    .option('--api-key-file <file>', 'check: the file that holds the key of the API alone; - for stdin')
    .option('--ui-port <port>', 'check: the port of the chat', number, 3000)
    .option('--api-port <port>', 'check: the port of the API', number, 8000)
    .action((operation: string, flags: GpuFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/gpu.ts')).gpu(context, operation, flags),
      ),
    );
}

function number(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return Number(text);
}
