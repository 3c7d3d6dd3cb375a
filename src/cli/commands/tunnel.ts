import {
  type TunnelOperation,
  type TunnelResult,
  tunnelFailure,
  waysToRun,
} from '../../core/cloudflare/tunnel/result.ts';
import { readTunnelSettings } from '../../core/cloudflare/tunnel/settings.ts';
import { operateTunnel } from '../../operations/tunnel/operate.ts';
import { exitCodes } from '../exit-codes.ts';
import type { TunnelFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { TunnelOutput } from '../output/tunnel.ts';
import { whoAmI } from '../place.ts';
import { type CommandContext, type CommandResult, UsageError } from '../run-command.ts';
import { printTable } from '../table.ts';

const operations: Readonly<Record<string, TunnelOperation>> = {
  up: 'ensure',
  ensure: 'ensure',
  status: 'status',
  remove: 'remove',
};

export async function tunnel(
  { reporter }: CommandContext,
  operation: string,
  name: string,
  flags: TunnelFlags,
): Promise<CommandResult<TunnelOutput>> {
  const chosen = operations[operation];
  if (chosen === undefined) throw new UsageError(`"${operation}" is not one of up, status, remove.`);
  const runAs = waysToRun.find((way) => way === flags.runAs);
  if (runAs === undefined) throw new UsageError('--run-as takes compose, systemd or none.');
  const { hostname, service, zone, network, image } = flags;
  const settings = readTunnelSettings({ name, hostname, service, zone, runAs, network, image }, (input) =>
    input === 'name' ? 'The name of the tunnel' : `--${input}`,
  );
  const result = await operateTunnel(
    chosen,
    {
      ...settings,
      apiToken: variable('CLOUDFLARE_API_TOKEN'),
      accountId: flags.accountId ?? variable('CLOUDFLARE_ACCOUNT_ID'),
      overwriteDns: flags.overwriteDns === true,
      confirm: flags.confirm,
      timeoutMs: (flags.timeout ?? 120) * 1000,
      dryRun: flags.dryRun === true,
      stateDir: flags.stateDir,
      by: whoAmI(),
      hostEnv: process.env,
      signal: interruption(),
      // Nothing that is printed here holds it.
      onSecrets: () => {},
    },
    reporter,
  );
  return { json: result, print: () => print(result), exitCode: exitCodeOf(result) };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`The variable ${name} is not set.`);
}

async function print(result: TunnelResult): Promise<void> {
  const { name, status, tunnelId, ready, connector, routes, url } = result;
  const failure = tunnelFailure(result);
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  for (const line of result.failure?.lines ?? []) process.stderr.write(`  | ${line}\n`);
  await printTable(
    ['TUNNEL', 'STATUS', 'CONNECTED', 'CLOUDFLARED HERE', 'ID', 'URL'],
    [[name, status, ready ? 'yes' : 'no', connector?.name ?? '', tunnelId ?? '', url ?? '']],
  );
  if (result.operation === 'status' && routes.length > 0) {
    process.stdout.write('\n');
    await printTable(
      ['HOSTNAME', 'LEADS TO', 'DNS'],
      routes.map((it) => [it.hostname, it.service, it.dns]),
    );
  }
}

function exitCodeOf({ operation, failure, ready }: TunnelResult): number {
  if (failure !== undefined) return exitCodes.down;
  return operation === 'status' && !ready ? exitCodes.failed : exitCodes.ok;
}
