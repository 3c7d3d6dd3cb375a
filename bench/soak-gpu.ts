// Runs of `linode-gpu-provision` that are cancelled at random moments, at a stand-in for Linode's API: whether an
// instance is left that nothing can find and delete, and whether the next run adopts what is left.
//
// Usage: node bench/soak-gpu.ts [--count 200] [--seed <n>] [--parallel 2] [--share 0.02] [--verbose]
//
// Half of the runs are ended as the runner does it (SIGINT, then SIGTERM, then SIGKILL, in a tenth of its time; then the
// post step), half by SIGKILL alone, of those every other one with its machine, so that no post step follows. `--share`
// of all requests fail, half of them carried out all the same. Exit 1 when anything was wrong. Runs what ships: dist/.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deleteGpu } from '../src/operations/gpu/delete-instance.ts';
import { gpuStatus } from '../src/operations/gpu/gpu-status.ts';
import { silentReporter } from '../src/operations/reporter.ts';
import type { Fault } from '../test/support/cloudflare-api/faults.ts';
import { accessTo, ensure, publicKey } from '../test/support/gpu-suite.ts';
import { startFakeLinode } from '../test/support/linode-api/server.ts';
import { startAction } from './soak/action.ts';
import { randomFrom } from './soak/random.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    parallel: { type: 'string', default: '2' },
    share: { type: 'string', default: '0.02' },
    verbose: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const random = randomFrom(Number(values.seed));
const faults: readonly Fault[] = [
  { status: 503 },
  { status: 503, afterwards: true },
  { cut: true },
  { cut: true, afterwards: true },
  { status: 429, headers: { 'retry-after': '0' } },
];

/** How a run is ended. `lost`: with its machine, so that nothing follows. */
type Ending = 'runner' | 'killed' | 'lost';
const endings: readonly Ending[] = ['runner', 'runner', 'killed', 'lost'];

const fake = await startFakeLinode({ bootMs: 400, latencyMs: () => random() * 25 });
const base = mkdtempSync(join(tmpdir(), 'launch-soak-gpu-'));
const wrong: string[] = [];
const outcomes = new Map<string, number>();
/** The ordinary run, for the choice of moments. */
let wholeMs = 0;

try {
  const whole = await start('whole', 'keep').ended;
  if (whole.exitCode !== 0) throw new Error(`an ordinary run failed:\n${whole.output}`);
  await remove('whole');
  wholeMs = whole.ms;
  process.stderr.write(`seed ${values.seed}; a run takes ${wholeMs.toFixed(0)} ms\n`);
  fake.strike((_method, path) => {
    if (random() >= Number(values.share) || path === '/address') return undefined;
    return faults[Math.floor(random() * faults.length)];
  });
  let turn = 0;
  const work = async () => {
    while (turn < count) {
      turn += 1;
      await endOne(turn);
      if (turn % 50 === 0) process.stderr.write(`${turn} of ${count}: ${wrong.length} wrong\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.parallel) }, work));
  fake.strike(undefined);
  const left = fake.live().length;
  if (left > 0) wrong.push(`${left} instances are left at the end`);
  if (fake.firewalls.firewalls.size > 0)
    wrong.push(`${fake.firewalls.firewalls.size} firewalls are left at the end`);
  if (fake.refused.length > 0) wrong.push(`malformed requests: ${fake.refused.join('; ')}`);
} finally {
  await fake.close();
  rmSync(base, { recursive: true, force: true });
}
process.stdout.write(`cancelled runs                  ${count} (seed ${values.seed})\n`);
process.stdout.write(
  `instances that nothing can find ${wrong.filter((it) => it.includes('not found')).length}\n`,
);
for (const [outcome, times] of [...outcomes].sort())
  process.stdout.write(`  ${outcome.padEnd(46)} ${times}\n`);
process.stdout.write(wrong.length === 0 ? 'fine\n' : `wrong:\n${wrong.join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function start(label: string, onFailure: string, stage: 'main' | 'post' = 'main', state = {}) {
  return startAction({
    action: 'linode-gpu-provision',
    cwd: base,
    base,
    stage,
    state,
    env: { ...fake.env, GITHUB_EVENT_NAME: 'workflow_dispatch', HOME: base },
    inputs: {
      token: fake.token,
      label,
      ttl: '4h',
      'authorized-keys': publicKey,
      'on-failure': onFailure,
      regions: 'us-ord,us-sea',
    },
  });
}

async function endOne(turn: number): Promise<void> {
  const label = `soak-${turn}`;
  const onFailure = random() < 0.5 ? 'keep' : 'delete';
  const ending = endings[Math.floor(random() * endings.length)] ?? 'lost';
  const after = Math.floor(random() * wholeMs * 1.1);
  const fault = (what: string) => {
    wrong.push(`turn ${turn} (${ending}, ${onFailure}, ${after} ms): ${what}`);
    process.stderr.write(`${wrong.at(-1)}\n`);
  };
  const main = await endAfter(label, onFailure, ending, after);
  // Ended on its way out, with all told.
  const isDone = main.exitCode === 0 || (main.saved['unfinished'] === '' && main.status === 'created');
  const isSeenTo =
    ending !== 'lost' && (await start(label, onFailure, 'post', main.saved).ended).exitCode === 0;

  const left = fake.live().filter((it) => it.label === label);
  if (left.length > 1) fault(`${left.length} instances`);
  if (left.length > 0 && !isDone && isSeenTo && onFailure === 'delete')
    fault('it was to be deleted, and is there');
  const then = await adoptAndDelete(label, left[0]?.id, fault);
  const found = isDone ? 'it was done' : left.length === 0 ? 'nothing left' : 'one left';
  const outcome = `${ending}, ${onFailure}: ${found}, then ${then}`;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (values.verbose) process.stderr.write(`turn ${turn}, ${after} ms: ${outcome}\n`);
}

async function endAfter(label: string, onFailure: string, ending: Ending, afterMs: number) {
  const { child, ended } = start(label, onFailure);
  await sleep(afterMs);
  // The runner's own times are 7.5 s and 2.5 s.
  const signals = ending === 'runner' ? (['SIGINT', 'SIGTERM', 'SIGKILL'] as const) : (['SIGKILL'] as const);
  for (const [at, signal] of signals.entries()) {
    child.kill(signal);
    if (await Promise.race([ended.then(() => true), sleep(at === 0 ? 750 : 250, false)])) break;
  }
  return await ended;
}

/** What anybody can do about what is left: find it, go on with it, delete it. */
async function adoptAndDelete(
  label: string,
  id: number | undefined,
  fault: (what: string) => void,
): Promise<string> {
  const access = accessTo(fake, { linode: { firstWait: 5, timeout: 5000 } });
  const { instances } = await gpuStatus({ ...access, label: undefined });
  if (id !== undefined && !instances.some((it) => it.id === id)) fault(`${id} is not found by status`);
  const again = await ensure(fake, { ...access, label });
  const wanted = id === undefined ? 'created' : 'adopted';
  if (again.status !== wanted) fault(`the next run says ${again.status}, not ${wanted}`);
  if (id !== undefined && again.instance?.id !== id) fault('the next run has another instance');
  await remove(label);
  if (fake.live().some((it) => it.label === label)) fault(`${id} is not found by the deletion`);
  return again.status;
}

async function remove(label: string): Promise<void> {
  const access = accessTo(fake, { linode: { firstWait: 5, timeout: 5000 } });
  await deleteGpu({ ...access, label, id: undefined, dryRun: false }, silentReporter);
}
