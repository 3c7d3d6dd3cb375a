import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { formatDuration, parseDuration } from '../../core/config/duration.ts';
import { LaunchError } from '../../core/errors.ts';
import { formatCost, formatHourly } from '../../core/gpu/offer.ts';
import type { GpuResult, ShownInstance } from '../../core/gpu/result.ts';
import type { SandboxReport } from '../../core/gpu/sandbox.ts';
import {
  defaultTimeoutMs,
  failurePolicies,
  gpuOperations,
  readGpuSettings,
  waitGoals,
} from '../../core/gpu/settings.ts';
import { isSecretField } from '../../core/gpu/user-defined-fields.ts';
import { printable } from '../../core/names.ts';
import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import { checkSandbox } from '../../operations/gpu/check-sandbox.ts';
import { operateGpu } from '../../operations/gpu/operate.ts';
import { oneOf } from '../choice.ts';
import { confirmLabel } from '../confirm-label.ts';
import { exitCodes } from '../exit-codes.ts';
import type { GpuFlags } from '../flags.ts';
import { assertOptions } from '../gpu-options.ts';
import { interruption } from '../interruption.ts';
import type { GpuCheckOutput, GpuOutput } from '../output/gpu.ts';
import { type CommandContext, type CommandResult, UsageError } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function gpu(
  context: CommandContext,
  operation: string,
  flags: GpuFlags,
): Promise<CommandResult<GpuOutput | GpuCheckOutput>> {
  if (operation === 'check') {
    assertOptions(operation, flags);
    return await check(context, flags);
  }
  const chosen = gpuOperations.find((it) => it === operation);
  if (chosen === undefined) {
    throw new UsageError(`"${printable(operation, 40)}" is not one of ${gpuOperations.join(', ')}, check.`);
  }
  assertOptions(chosen, flags);
  const { reporter, cwd } = context;
  const settings = chosen === 'ensure' ? await readSettings(cwd, flags) : undefined;
  const token = process.env['LINODE_TOKEN']?.trim();
  if (!token) throw new UsageError('The variable LINODE_TOKEN is not set.');
  if (chosen === 'delete' && flags.dryRun !== true) await confirm(flags);
  const result = await operateGpu(
    chosen,
    {
      token,
      cwd,
      settings,
      label: flags.label,
      id: flags.id,
      hostEnv: process.env,
      revision: undefined,
      dryRun: flags.dryRun === true,
      signal: interruption(),
      // Nothing that is printed here holds one.
      onSecrets: () => {},
    },
    reporter,
  );
  return { json: toJson(result), print: () => print(result), exitCode: exitCodeOf(result) };
}

async function readSettings(cwd: string, flags: GpuFlags) {
  if (flags.label === undefined) throw new UsageError('Give the instance a label: --label.');
  const timeoutMs = flags.timeout === undefined ? defaultTimeoutMs : parseDuration(flags.timeout);
  if (timeoutMs === undefined) throw new UsageError('--timeout takes a time such as 90s, 45m or 2h.');
  return readGpuSettings(
    {
      label: flags.label,
      types: list(flags.types),
      regions: list(flags.regions),
      image: flags.image,
      stackScript: flags.stackscript,
      stackScriptData: await readData(cwd, flags.stackscriptData ?? []),
      authorizedKeys: flags.authorizedKeys ?? [],
      firewall: list(flags.firewall),
      tags: list(flags.tags),
      ttl: flags.ttl,
      maxHourlyCost: flags.maxHourlyCost,
      waitFor: flags.waitFor === undefined ? undefined : oneOf('--wait-for', waitGoals, flags.waitFor),
      timeoutMs,
      onFailure: oneOf('--on-failure', failurePolicies, flags.onFailure),
    },
    (input) => `--${input}`,
  );
}

function list(flag: string | undefined): readonly string[] | undefined {
  const items = flag?.split(',').map((item) => item.trim());
  return items === undefined ? undefined : [...new Set(items)].filter((item) => item !== '');
}

/** `NAME=value` and `@file`, in the order they are given in; a later one wins. */
async function readData(cwd: string, given: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const data = new Map<string, string>();
  for (const item of given) {
    if (item.startsWith('@')) {
      const content = await readText(cwd, item.slice(1), '--stackscript-data');
      for (const [name, value] of parseSecrets(content, 'The data of the StackScript')) data.set(name, value);
      continue;
    }
    const [, name, value = ''] = /^(\w+)=([\s\S]*)$/.exec(item) ?? [];
    // A value is not repeated: people do hand over secrets this way.
    if (name === undefined) throw new UsageError('--stackscript-data takes NAME=value or @file.');
    if (isSecretField(name) && value !== '') {
      throw new UsageError(
        `"${name}" is a secret, and every user of this machine can read a command line. Put it into a file: --stackscript-data @file, or @- for stdin.`,
      );
    }
    data.set(name, value);
  }
  return data;
}

async function readText(cwd: string, file: string, flag: string): Promise<string> {
  if (file === '-') return await text(process.stdin);
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', `The file "${printable(file, 80)}" of ${flag} can't be read.`, {
      remedy: 'Check the path, and that this user may read it.',
      cause,
    });
  }
}

/** A person types the label again; a program says --yes. */
async function confirm({ yes, label, id }: GpuFlags): Promise<void> {
  if (label === undefined && id === undefined) throw new UsageError('Say which instance: --label or --id.');
  if (yes === true) return;
  await confirmLabel(label ?? String(id), { input: process.stdin, output: process.stderr });
}

async function check({ cwd }: CommandContext, flags: GpuFlags): Promise<CommandResult<GpuCheckOutput>> {
  const { host, apiKeyFile, uiPort, apiPort } = flags;
  if (host === undefined || !/^[A-Za-z0-9.:-]{1,253}$/.test(host)) {
    throw new UsageError('Say where the services are: --host with a name or an address.');
  }
  const apiKey =
    apiKeyFile === undefined ? undefined : (await readText(cwd, apiKeyFile, '--api-key-file')).trim();
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new UsageError('The file of --api-key-file must hold the key alone.');
  }
  const report = await checkSandbox({ host, uiPort, apiPort, apiKey, signal: undefined });
  return {
    json: report,
    print: () => printReport(report),
    exitCode: report.ok ? exitCodes.ok : exitCodes.failed,
  };
}

async function printReport({ ok, checks }: SandboxReport): Promise<void> {
  await printTable(
    ['', 'CHECK', 'ADDRESS', ''],
    checks.map((it) => [it.ok ? 'ok' : 'wrong', it.name, it.url, printable(it.detail)]),
  );
  process.stdout.write(ok ? 'All is as it should be.\n' : 'Not all is as it should be.\n');
}

function toJson({ failure, ...result }: GpuResult) {
  return {
    ...result,
    failure: failure === undefined ? null : { code: failure.code, message: failure.message },
  };
}

async function print(result: GpuResult): Promise<void> {
  const { failure, instance, instances, request, status, notices, operation, durationMs } = result;
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  const shown = instance === null ? instances : [instance];
  if (shown.length > 0) await printInstances(shown);
  if (request !== null) process.stdout.write(`${JSON.stringify(request, null, 2)}\n`);
  if (operation === 'delete') for (const notice of notices) process.stdout.write(`${notice}\n`);
  if (operation === 'ensure' && instance !== null && failure === undefined) {
    process.stdout.write(`Chat: ${instance.uiUrl ?? ''}\nAPI: ${instance.apiUrl ?? ''}\n`);
  }
  process.stdout.write(`${operation}: ${status}, ${formatDuration(durationMs)}\n`);
}

async function printInstances(instances: readonly ShownInstance[]): Promise<void> {
  await printTable(
    ['LABEL', 'ID', 'STATE', 'TYPE', 'REGION', 'ADDRESS', 'COST', 'SO FAR', 'DELETED AFTER'],
    instances.map((it) => [
      it.label,
      String(it.id),
      it.status,
      it.type,
      it.region,
      it.ipv4 ?? '',
      formatHourly(it.hourlyCost ?? undefined),
      it.costSoFar === null ? '' : formatCost(it.costSoFar),
      it.deleteAfter ?? 'never by itself',
    ]),
  );
}

function exitCodeOf({ failure, operation, status }: GpuResult): number {
  if (failure !== undefined) return exitCodes.failed;
  return operation === 'status' && status === 'absent' ? exitCodes.failed : exitCodes.ok;
}
