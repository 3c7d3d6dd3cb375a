import { formatDuration } from '../../core/config/duration.ts';
import { type DeployResult, deployFailure } from '../../core/deploy/result.ts';
import { rollbackService } from '../../operations/rollback-service.ts';
import { isWorker } from '../../operations/worker/is-worker.ts';
import { exitCodes } from '../exit-codes.ts';
import type { RollbackFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { RollbackOutput } from '../output/rollback.ts';
import { placeOf, whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';
import { printTable } from '../table.ts';

export async function rollback(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: RollbackFlags,
): Promise<CommandResult<RollbackOutput>> {
  if (await isWorker(cwd, { service, target: flags.target })) {
    const { rollbackOfWorker } = await import('./worker.ts');
    return await rollbackOfWorker({ cwd, reporter }, service, flags);
  }
  const result = await rollbackService(
    {
      ...(await placeOf(cwd, service, flags)),
      to: flags.to,
      secrets: await readSecrets(flags.secretsFile),
      timeoutMs: (flags.timeout ?? 300) * 1000,
      by: whoAmI(),
      trigger: { event: 'terminal' },
      signal: interruption(),
      mayTakeItsTime: true,
    },
    reporter,
  );
  return { json: result, print: () => print(result), exitCode: exitCodeOf(result) };
}

async function print(result: DeployResult): Promise<void> {
  const failure = deployFailure(result);
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  for (const line of result.failure?.lines ?? []) process.stderr.write(`  | ${line}\n`);
  for (const notice of result.notices ?? []) process.stderr.write(`${notice}\n`);
  const { service, status, restores, release, durationMs, url } = result;
  await printTable(
    ['SERVICE', 'STATUS', 'RESTORED', 'RELEASE', 'TOOK', 'URL'],
    [[service, status, restores ?? '', release, formatDuration(durationMs), url ?? '']],
  );
  if (status === 'deployed') {
    process.stdout.write(
      `${service} is frozen now: a commit that touches it, or launch unfreeze, ends that.\n`,
    );
  }
}

function exitCodeOf({ failure, status }: DeployResult): number {
  if (failure === undefined) return exitCodes.ok;
  return status === 'rolled-back' ? exitCodes.rolledBack : exitCodes.down;
}
