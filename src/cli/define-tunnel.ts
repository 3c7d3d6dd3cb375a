import { type Command, InvalidArgumentError } from 'commander';
import type { TunnelFlags } from './flags.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch tunnel`. */
export function defineTunnel(command: Command): void {
  command
    .description(
      'Lead a hostname through a Cloudflare Tunnel to a service of this machine. Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
    )
    .argument('<operation>', 'up, status or remove')
    .argument('<name>', 'the name of the tunnel')
    .option('--hostname <name>', 'the public hostname; remove takes all of them without it')
    .option('--service <address>', 'where its requests go, such as http://127.0.0.1:3080')
    .option('--zone <name>', 'the zone of the hostname (default: the longest that fits)')
    .option('--run-as <how>', 'compose, systemd or none', 'compose')
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
