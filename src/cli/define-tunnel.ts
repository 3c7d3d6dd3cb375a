import { type Command, InvalidArgumentError } from 'commander';
import { withExamples } from './examples.ts';
import type { TunnelFlags } from './flags.ts';
import { choiceOption, operationArgument } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch tunnel`. */
export function defineTunnel(command: Command): void {
  withExamples(command, [
    [
      'launch tunnel up home --hostname chat.example.org --service http://127.0.0.1:3080',
      'Lead a hostname to a port of this machine.',
    ],
    ['launch tunnel status home', 'Show whether it is connected, and where it leads.'],
    ['launch tunnel remove home --hostname chat.example.org', 'Take one hostname away.'],
    ['launch tunnel remove home --confirm home', 'Take all of it away.'],
  ])
    .description(
      'Lead a hostname through a Cloudflare Tunnel to a service of this machine. Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
    )
    .addArgument(operationArgument(['up', 'status', 'remove']))
    .argument('<name>', 'the name of the tunnel')
    .option('--hostname <name>', 'the public hostname; remove takes all of them without it')
    .option('--service <address>', 'where its requests go, such as http://127.0.0.1:3080')
    .option('--zone <name>', 'the zone of the hostname (default: the longest that fits)')
    .addOption(
      choiceOption('--run-as <how>', 'how cloudflared runs here', ['compose', 'systemd', 'none']).default(
        'compose',
      ),
    )
    .option('--network <name>', 'for compose: the Docker network of the service (default: that of the host)')
    .option('--image <image>', 'for compose: another image of cloudflared')
    .option('--account-id <id>', 'the account (default: the variable CLOUDFLARE_ACCOUNT_ID)')
    .option('--overwrite-dns', 'replace DNS records that Launch did not make')
    .option('--confirm <name>', 'remove: the name again, and the tunnel itself is deleted, too')
    .option('--timeout <seconds>', 'give up each wait after this long', seconds)
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--state-dir <folder>', 'where Launch keeps what it knows of this machine')
    .action((operation: string, name: string, flags: TunnelFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/tunnel.ts')).tunnel(context, operation, name, flags),
      ),
    );
}

function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
