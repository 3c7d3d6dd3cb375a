import { shortId } from '../../core/cloudflare/live-state.ts';
import type { HistoryLine } from '../../core/cloudflare/version-note.ts';
import { workerFailure } from '../../core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { formatDuration } from '../../core/config/duration.ts';
import type { WorkerAsked } from '../../operations/worker/asked.ts';
import { planWorker } from '../../operations/worker/plan-worker.ts';
import { rollbackWorker } from '../../operations/worker/rollback-worker.ts';
import { readWorkerHistory } from '../../operations/worker/worker-history.ts';
import { exitCodeOfWorker } from '../exit-codes.ts';
import type { HistoryFlags, RollbackFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { HistoryOutput } from '../output/history.ts';
import type { WorkerOutput } from '../output/worker.ts';
import { whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';
import { printTable } from '../table.ts';
import { workerJson } from '../worker-json.ts';

/** `launch rollback` of a worker: its past is at Cloudflare, so that any machine will do. */
export async function rollbackOfWorker(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: RollbackFlags,
): Promise<CommandResult<WorkerOutput>> {
  const secrets = await readSecrets(flags.secretsFile);
  const asked = askedBy(cwd, service, { target: flags.target, timeout: flags.timeout, secrets });
  const { located, ...planned } = await planWorker({ ...asked, signal: interruption() });
  const { name: worker, routes } = located;
  const result = await rollbackWorker(
    { ...planned, worker, routes, versionId: flags.to, force: false, dryRun: false },
    reporter,
  );
  return {
    json: workerJson(result),
    print: () => printResult(service, result),
    exitCode: exitCodeOfWorker(result),
  };
}

/** `launch history` of a worker. */
export async function historyOfWorker(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: HistoryFlags,
): Promise<CommandResult<HistoryOutput>> {
  const secrets = await readSecrets(undefined);
  const { located, ...planned } = await planWorker(askedBy(cwd, service, { target: flags.target, secrets }));
  const past = await readWorkerHistory({ ...planned, worker: located.name }, reporter);
  const shown = past.versions.slice(0, flags.limit);
  const { worker, live, previous } = past;
  return {
    json: { service, worker, live: live ?? null, previous: previous ?? null, versions: shown },
    async print() {
      await printTable(
        ['', 'VERSION', 'LIVE', 'CREATED', 'BY', 'COMMIT'],
        shown.map((line) => [markOf(line, previous), ...rowOf(line)]),
      );
      if (live !== undefined && !past.versions.some(({ versionId }) => versionId === live)) {
        process.stdout.write(`${live} has the traffic, and is none of the last 100 versions.\n`);
      }
      process.stdout.write(
        `* has traffic${previous === undefined ? '' : `, < is what \`launch rollback ${service}\` goes to`}\n`,
      );
    },
  };
}

function markOf({ percentage, versionId }: HistoryLine, previous: string | undefined): string {
  if (percentage !== undefined) return '*';
  return versionId === previous ? '<' : '';
}

function rowOf({ versionId, percentage, createdOn, by, commit }: HistoryLine): string[] {
  const live = percentage === undefined ? '' : `${percentage} %`;
  return [versionId, live, createdOn.replace(/\.\d+Z$/, 'Z'), by ?? '', commit ?? ''];
}

/** What asks for a worker at a terminal. */
export function askedBy(
  cwd: string,
  service: string,
  {
    target,
    timeout = 300,
    secrets,
  }: {
    readonly target: string | undefined;
    readonly timeout?: number | undefined;
    readonly secrets: ReadonlyMap<string, string>;
  },
): WorkerAsked {
  return {
    cwd,
    service,
    target,
    secrets,
    vars: new Map(),
    gradual: [],
    timeoutMs: timeout * 1000,
    by: whoAmI(),
    force: false,
    dryRun: false,
    hostEnv: process.env,
  };
}

async function printResult(service: string, result: WorkerResult): Promise<void> {
  const failure = workerFailure(result);
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  await printTable(
    ['SERVICE', 'STATUS', 'VERSION', 'FROM', 'TOOK', 'URL'],
    [[service, ...columnsOf(result)]],
  );
}

function columnsOf({ status, versionId, previousVersionId, durationMs, urls }: WorkerResult): string[] {
  const short = (id: string | undefined) => (id === undefined ? '' : shortId(id));
  return [status, short(versionId), short(previousVersionId), formatDuration(durationMs), urls[0] ?? ''];
}
