import { isWorkerDown } from '../../core/cloudflare/worker-failure.ts';
import { formatDuration } from '../../core/config/duration.ts';
import type { InstanceResult } from '../../core/instances/instance-result.ts';
import { instanceCounts } from '../../core/instances/instance-summary.ts';
import { deployAllInstances, type InstanceOutcome } from '../../operations/instance/deploy-all.ts';
import { type ListedInstance, listInstances } from '../../operations/instance/list-instances.ts';
import { accountOf, operateInstance } from '../../operations/instance/operate.ts';
import { deployWorker } from '../../operations/worker/deploy-worker.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InstanceFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { InstanceDeployAllOutput, InstanceListOutput, InstanceOutput } from '../output/instance.ts';
import { whoAmI } from '../place.ts';
import { type CommandContext, type CommandResult, UsageError } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';
import { printTable } from '../table.ts';

export async function instance(
  context: CommandContext,
  operation: string,
  named: string | undefined,
  flags: InstanceFlags,
): Promise<CommandResult<InstanceOutput | InstanceDeployAllOutput | InstanceListOutput>> {
  const asked = await readAsked(context, flags);
  switch (operation) {
    case 'list': {
      const listed = await listInstances({ ...asked, account: accountOf(asked) });
      return { json: listed, print: () => printList(listed) };
    }
    case 'deploy':
      if (flags.all === true) return await deployAll(context, asked, flags);
      break;
    case 'destroy':
    case 'status':
      if (flags.all === true) throw new UsageError('--all is for deploy.');
      break;
    default:
      throw new UsageError(`"${operation}" is not one of deploy, destroy, status, list.`);
  }
  if (named === undefined) throw new UsageError('Name an instance, or its file.');
  const result = await operateInstance(operation, { ...asked, instance: named }, context.reporter);
  return { json: toJson(result), print: () => print(result), exitCode: exitCodeOf(result) };
}

async function deployAll(
  { reporter }: CommandContext,
  asked: Awaited<ReturnType<typeof readAsked>>,
  { parallel }: InstanceFlags,
): Promise<CommandResult<InstanceDeployAllOutput>> {
  const request = { ...asked, account: accountOf(asked), parallel };
  const outcomes = await deployAllInstances(request, reporter, deployWorker);
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  return {
    json: outcomes.map(({ file, result, failure }) => ({
      file,
      ...(result === undefined ? { status: 'failed' } : toJson(result)),
      failure: failure === undefined ? null : { code: failure.code, message: failure.message },
    })),
    print: () => printAll(outcomes),
    exitCode: failed.length === 0 ? exitCodes.ok : exitCodes.failed,
  };
}

async function readAsked({ cwd }: CommandContext, flags: InstanceFlags) {
  return {
    cwd,
    // Never from the command line, which every user of the machine can read.
    apiToken: undefined,
    accountId: flags.accountId,
    secrets: new Map([...ownVariables(process.env), ...(await readSecrets(flags.secretsFile))]),
    confirm: flags.confirm,
    purge: flags.purge === true,
    dryRun: flags.dryRun === true,
    timeoutMs: (flags.timeout ?? 300) * 1000,
    by: whoAmI(),
    hostEnv: process.env,
    signal: interruption(),
  };
}

/** A person at a terminal may have the secrets as variables; of them only what a worker declares is used. */
function ownVariables(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  return new Map(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
}

function toJson({ failure, ...result }: InstanceResult) {
  return {
    ...result,
    failure: failure === undefined ? null : { code: failure.code, message: failure.message },
  };
}

async function print(result: InstanceResult): Promise<void> {
  const { failure, notices, resources, urls, instanceId, status, durationMs } = result;
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  for (const notice of notices) process.stderr.write(`${notice}\n`);
  await printTable(
    ['', 'NAME', 'STATE', ''],
    resources.map(({ kind, name, state, note }) => [kind, name, state, note ?? '']),
  );
  process.stdout.write('\n');
  for (const [service, url] of Object.entries(urls)) process.stdout.write(`${service}: ${url}\n`);
  process.stdout.write(`${instanceId}: ${status}, ${formatDuration(durationMs)}\n`);
}

async function printAll(outcomes: readonly InstanceOutcome[]): Promise<void> {
  await printTable(
    ['INSTANCE', 'STATUS', 'TOOK', ''],
    outcomes.map(({ file, result, failure }) => [
      result?.instanceId ?? file,
      result?.status ?? 'failed',
      result === undefined ? '' : formatDuration(result.durationMs),
      failure === undefined ? (result === undefined ? '' : instanceCounts(result)) : failure.message,
    ]),
  );
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
  const isRehearsal = outcomes.some(({ result }) => result?.status === 'planned');
  process.stdout.write(
    failed === 0 && isRehearsal
      ? 'Nothing has been changed.\n'
      : failed === 0
        ? `All ${outcomes.length} instances are as they should be.\n`
        : `${failed} of ${outcomes.length} instances failed. Run it again: what is done already is left alone.\n`,
  );
}

async function printList(listed: readonly ListedInstance[]): Promise<void> {
  await printTable(
    ['INSTANCE', 'ORGANISATION', 'ENVIRONMENT', 'FILE', 'ROW', 'WORKERS', ''],
    listed.map(({ id, organisation, environment, hasFile, hasRow, urls, problem }) => [
      id,
      organisation,
      environment ?? '',
      hasFile ? 'yes' : 'no',
      hasRow ? 'yes' : 'no',
      String(Object.keys(urls).length),
      problem ?? '',
    ]),
  );
}

function exitCodeOf({ failure, workers }: InstanceResult): number {
  if (failure === undefined) return exitCodes.ok;
  if (workers.some(isWorkerDown)) return exitCodes.down;
  return workers.some(({ status }) => status === 'rolled-back') ? exitCodes.rolledBack : exitCodes.failed;
}
