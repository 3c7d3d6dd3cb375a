import { workerFailure } from '../../core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { describeOutage } from '../../core/deploy/outage.ts';
import { deployFailure, isDown } from '../../core/deploy/result.ts';
import { deployPlan, type ServiceOutcome } from '../../operations/deploy-plan.ts';
import { planChanges } from '../../operations/plan-changes.ts';
import { readEnv } from '../env.ts';
import { exitCodeOf, exitCodeOfWorker, exitCodes } from '../exit-codes.ts';
import type { DeployFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { DeployOutput } from '../output/deploy.ts';
import { whoAmI } from '../place.ts';
import { type CommandContext, type CommandResult, type ReadonlyDeep, UsageError } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';
import { printTable } from '../table.ts';
import { workerJson } from '../worker-json.ts';

export async function deploy(
  { cwd, reporter }: CommandContext,
  services: readonly string[],
  flags: DeployFlags,
): Promise<CommandResult<DeployOutput>> {
  assertOneChoice(services, flags);
  const env = readEnv(flags.env);
  const secrets = await readSecrets(flags.secretsFile);
  const { plan, dependencies, detection } = await planChanges(
    {
      cwd,
      event: { event: undefined },
      since: 'event',
      base: flags.base,
      target: flags.target,
      services: flags.all === true ? 'all' : services.length > 0 ? services : undefined,
    },
    reporter,
  );
  for (const name of plan.disabled) reporter.warning(`${name} is not enabled, so it is not deployed.`);
  const outcomes = await deployPlan(
    plan,
    dependencies,
    {
      cwd,
      target: flags.target,
      secrets,
      env,
      timeoutMs: (flags.timeout ?? 300) * 1000,
      stateDir: flags.stateDir,
      keepReleases: flags.keepReleases ?? 5,
      rollbackOnFailure: flags.rollback,
      force: flags.force === true,
      dryRun: flags.dryRun === true,
      by: whoAmI(),
      trigger: { event: 'terminal' },
      hostEnv: process.env,
      signal: interruption(),
      mayTakeItsTime: true,
    },
    reporter,
  );
  return {
    json: { services: outcomes.map(toJson), deleted: detection.deleted },
    print: () => print(outcomes, detection.deleted),
    exitCode: Math.max(exitCodes.ok, ...outcomes.map(exitCodeOfOutcome)),
  };
}

function assertOneChoice(services: readonly string[], flags: DeployFlags): void {
  const given = [services.length > 0, flags.all === true, flags.base !== undefined].filter(Boolean).length;
  if (given === 1) return;
  throw new UsageError(
    given === 0
      ? 'Name the services to deploy, or use --all, or --base <commit> for what changed since.'
      : 'Use only one of: names of services, --all, --base.',
  );
}

async function print(outcomes: readonly ServiceOutcome[], deleted: readonly string[]): Promise<void> {
  for (const name of deleted) {
    process.stdout.write(
      `${name} is gone from the repository, but not from the hosts it was deployed to. To take it down there, with its data kept: launch remove ${name}\n`,
    );
  }
  if (outcomes.length === 0) {
    process.stdout.write('Nothing to deploy.\n');
    return;
  }
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused') process.stderr.write(`${outcome.error.code}: ${outcome.error.message}\n`);
    if (outcome.kind === 'refused' || outcome.kind === 'held-back') continue;
    for (const line of outcome.result.plan ?? []) process.stdout.write(`${line}\n`);
    const failure = outcome.kind === 'worker' ? workerFailure(outcome.result) : deployFailure(outcome.result);
    if (failure === undefined) continue;
    process.stderr.write(`${failure.code}: ${failure.message}\n`);
    for (const line of outcome.result.failure?.lines ?? []) process.stderr.write(`  | ${line}\n`);
  }
  await printTable(['SERVICE', 'STATUS', 'RELEASE', 'TOOK', 'OUTAGE', 'URL'], outcomes.map(row));
}

function row(outcome: ServiceOutcome): string[] {
  const { service } = outcome;
  if (outcome.kind === 'held-back') return [service, `held back, ${outcome.because} failed`, '', '', '', ''];
  if (outcome.kind === 'refused') return [service, `not started (${outcome.error.code})`, '', '', '', ''];
  if (outcome.kind === 'worker') return [service, ...workerColumns(outcome.result)];
  const { status, release, durationMs, url, plan, fault } = outcome.result;
  const held = fault === undefined ? status : `${status}, not in order`;
  const said = plan === undefined ? held : 'rehearsed';
  // Why it was not has been told already.
  const outage = outcome.result.notMeasured === undefined ? describeOutage(outcome.result) : 'not measured';
  return [service, said, release, formatDuration(durationMs), outage, url ?? ''];
}

function workerColumns({ status, versionId, durationMs, urls, plan }: WorkerResult): string[] {
  // No request is lost: one version hands over to the other.
  return [
    plan === undefined ? status : 'rehearsed',
    versionId ?? '',
    formatDuration(durationMs),
    '',
    urls[0] ?? '',
  ];
}

function toJson(outcome: ServiceOutcome): ReadonlyDeep<DeployOutput['services'][number]> {
  if (outcome.kind === 'worker') return { service: outcome.service, ...workerJson(outcome.result) };
  if (outcome.kind === 'done') {
    const failure = deployFailure(outcome.result);
    if (failure === undefined) return outcome.result;
    return { ...outcome.result, error: { code: failure.code, message: failure.message } };
  }
  if (outcome.kind === 'held-back')
    return { service: outcome.service, status: 'held-back', because: outcome.because };
  const { code, message } = outcome.error;
  return { service: outcome.service, status: 'refused', error: { code, message } };
}

function exitCodeOfOutcome(outcome: ServiceOutcome): number {
  if (outcome.kind === 'refused') return exitCodeOf(outcome.error.code);
  if (outcome.kind === 'worker') return exitCodeOfWorker(outcome.result);
  if (outcome.kind === 'held-back' || outcome.result.failure === undefined) return exitCodes.ok;
  return isDown(outcome.result) ? exitCodes.down : exitCodes.rolledBack;
}
