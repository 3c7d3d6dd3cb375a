// Takes a worker back to a version of before, or an instance's copy of it:
//   node scripts/rollback.ts <service> [--version <id>] [--instance <id>]
//
// Options:
//   --version   the version to go back to (default: the one before, as `launch history <service>` shows it)
//   --instance  the copy of this instance, instead of the worker itself
//   --env       an environment of the wrangler configuration
//   --dry-run   say what it would go back to, and change nothing
//   --json      print the result as JSON
//
// Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID. Exit 0 when the version serves, 1 when nothing was changed.
import { parseArgs } from 'node:util';
import { interruption } from '../src/cli/interruption.ts';
import { whoAmI } from '../src/cli/place.ts';
import { runCommand, UsageError } from '../src/cli/run-command.ts';
import { readSecrets } from '../src/cli/secrets.ts';
import { printTable } from '../src/cli/table.ts';
import { isWorkerDown, workerFailure } from '../src/core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../src/core/cloudflare/worker-result.ts';
import { copyOf } from '../src/operations/instance/copy-of.ts';
import { readInstance } from '../src/operations/instance/find-instance.ts';
import { planWorker } from '../src/operations/worker/plan-worker.ts';
import { rollbackWorker } from '../src/operations/worker/rollback-worker.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string' },
    instance: { type: 'string' },
    env: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { version: versionId, instance, env: environment, 'dry-run': dryRun, json } = values;

await runCommand({ json }, async ({ cwd, reporter }) => {
  const [service, ...others] = positionals;
  if (service === undefined || others.length > 0) throw new UsageError('Name one service.');
  const copy = instance === undefined ? undefined : await copyOf(cwd, service, readInstance(cwd, instance));
  const { located, ...planned } = await planWorker({
    cwd,
    service,
    environment: environment ?? copy?.environment,
    name: copy?.name,
    secrets: await readSecrets(undefined),
    vars: new Map(),
    gradual: [],
    timeoutMs: 300_000,
    by: whoAmI(),
    force: false,
    dryRun,
    hostEnv: process.env,
    signal: interruption(),
  });
  const { name: worker, routes } = located;
  const result = await rollbackWorker(
    { ...planned, worker, routes, versionId, force: false, dryRun },
    reporter,
  );
  return { json: result, print: () => print(result), exitCode: exitCodeOf(result) };
});

async function print(result: WorkerResult): Promise<void> {
  const failure = workerFailure(result);
  if (failure !== undefined) process.stderr.write(`${failure.code}: ${failure.message}\n`);
  for (const line of [...result.notices, ...(result.plan ?? [])]) process.stdout.write(`${line}\n`);
  const { worker, status, versionId: to, previousVersionId: from, urls } = result;
  await printTable(
    ['WORKER', 'STATUS', 'VERSION', 'FROM', 'URL'],
    [[worker, status, to ?? '', from ?? '', urls[0] ?? '']],
  );
}

function exitCodeOf(result: WorkerResult): number {
  if (result.failure === undefined) return 0;
  return isWorkerDown(result) ? 4 : 3;
}
