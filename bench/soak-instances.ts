// Many instances by scripts/deploy-all-instances.ts, with the real wrangler, at a stand-in for Cloudflare's API of which
// one request in twenty fails: with 503 and 500, a connection that is cut, 429. Half of what fails has been carried out
// all the same. Whether all are there after at most two runs, and nothing is there twice.
//
// Usage: node bench/soak-instances.ts [--count 100] [--share 0.05] [--parallel 4] [--seed <n>]
//
// Exit 1 when anything was wrong.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { Fault } from '../test/support/cloudflare-api/faults.ts';
import { startFakeCloudflare } from '../test/support/cloudflare-api/server.ts';
import { instanceRepository, instanceText, oneWorker } from '../test/support/instance-project.ts';
import { hermeticGitEnv, removeRepositories } from '../test/support/repository.ts';
import { randomFrom } from './soak/random.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    share: { type: 'string', default: '0.05' },
    parallel: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const count = Number(values.count);
const random = randomFrom(Number(values.seed));
const faults: readonly Fault[] = [
  { status: 503 },
  { status: 503, afterwards: true },
  { cut: true },
  { cut: true, afterwards: true },
  { status: 429, headers: { 'retry-after': '1' } },
  { status: 500, afterwards: true },
];
const ids = Array.from({ length: count }, (_, at) => `org-${at}`);
const files = ids.map((id) => [
  `instances/${id}.json`,
  instanceText({ instance_id: id, org_id: `of-${id}`, r2_bucket: `${id}-images` }),
]);

const fake = await startFakeCloudflare();
const repository = instanceRepository({ ...oneWorker, ...Object.fromEntries(files) }, 'real');
const wrong: string[] = [];
const expect = (what: string, holds: boolean) => {
  if (!holds) wrong.push(what);
};
try {
  let failing = 0;
  fake.strike(() => {
    if (random() >= Number(values.share)) return undefined;
    failing += 1;
    return faults[Math.floor(random() * faults.length)];
  });
  let failed = count;
  let runs = 0;
  while (failed > 0 && runs < 2) {
    runs += 1;
    const outcomes = await deployAll();
    failed = outcomes.filter(({ failure }) => failure !== null).length;
    process.stdout.write(
      `run ${runs}: ${count - failed} of ${count} as they should be, ${failing} faults so far\n`,
    );
    for (const { file, failure } of outcomes)
      if (failure !== null) process.stdout.write(`  ${file}: ${failure.message}\n`);
  }
  expect(`${failed} instances have failed twice`, failed === 0);
  const titles = [...fake.kv.namespaces.values()].map(({ title }) => title);
  expect('a namespace is there twice', new Set(titles).size === titles.length);
  for (const [what, there] of Object.entries({
    databases: fake.d1.databases.size * count,
    namespaces: titles.length,
    buckets: fake.r2.buckets.size,
    workers: fake.workers.size,
    rows: [...fake.d1.databases.values()].flatMap(({ sqlite }) =>
      sqlite.prepare('SELECT * FROM instances').all(),
    ).length,
  })) {
    expect(`there are ${there} ${what}, not ${count}`, there === count);
  }
  fake.strike(undefined);
  const asked = fake.requests.length;
  const last = await deployAll();
  expect(
    'the last run has changed something',
    last.every(({ status }) => status === 'unchanged'),
  );
  process.stdout.write(
    `a run that changes nothing makes ${((fake.requests.length - asked) / count).toFixed(1)} requests an instance\n`,
  );
  expect(`malformed requests: ${fake.refused.join('; ')}`, fake.refused.length === 0);
} finally {
  await fake.close();
  removeRepositories();
}
process.stdout.write(
  wrong.length === 0 ? `fine (seed ${values.seed})\n` : `wrong (seed ${values.seed}):\n${wrong.join('\n')}\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;

interface Outcome {
  readonly file: string;
  readonly status: string;
  readonly failure: { readonly message: string } | null;
}

async function deployAll(): Promise<readonly Outcome[]> {
  const script = resolve(import.meta.dirname, '../scripts/deploy-all-instances.ts');
  const child = spawn(process.execPath, [script, '--json', '--parallel', values.parallel], {
    cwd: repository.path,
    env: { ...hermeticGitEnv(), HOME: repository.path, PATH: process.env['PATH'], ...fake.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout)) as readonly Outcome[];
}
