import { afterAll, describe, expect, it } from '@jest/globals';
import { deployAllInstances } from '../../../src/operations/instance/deploy-all.ts';
import { deployWorker } from '../../../src/operations/worker/deploy-worker.ts';
import type { Fault } from '../../support/cloudflare-api/faults.ts';
import { cloudflareForEachTest } from '../../support/cloudflare-api/for-each-test.ts';
import { instanceRepository, instanceText, oneWorker } from '../../support/instance-project.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { type Files, type Repository, removeRepositories } from '../../support/repository.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

const instances = (count: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `instances/org-${at}.json`,
      instanceText({ instance_id: `org-${at}`, org_id: `organisation-${at}`, r2_bucket: `org-${at}-images` }),
    ]),
  );
const deployAll = async ({ path }: Repository, reporter = recordingReporter()) => ({
  reporter,
  outcomes: await deployAllInstances(
    {
      cwd: path,
      account: { apiToken: fake.token, accountId: fake.accountId, apiUrl: fake.url },
      timeoutMs: 60_000,
      hostEnv: { PATH: process.env['PATH'], HOME: path },
      secrets: new Map(),
      dryRun: false,
      parallel: 4,
    },
    reporter,
    deployWorker,
  ),
});
type Outcomes = Awaited<ReturnType<typeof deployAll>>['outcomes'];
const failuresOf = (outcomes: Outcomes) =>
  outcomes.flatMap(({ file, failure }) => (failure === undefined ? [] : [`${file}: ${failure.message}`]));
const held = () => ({
  databases: fake.d1.databases.size,
  namespaces: fake.kv.namespaces.size,
  titles: new Set([...fake.kv.namespaces.values()].map(({ title }) => title)).size,
  buckets: fake.r2.buckets.size,
  workers: fake.workers.size,
  rows: [...fake.d1.databases.values()].flatMap(({ sqlite }) =>
    sqlite.prepare('SELECT * FROM instances').all(),
  ).length,
});

/** One in twenty requests meets with one of these. */
function failOneInTwenty(seed: number): void {
  const faults: readonly Fault[] = [
    { status: 503 },
    { status: 503, afterwards: true },
    { cut: true },
    { cut: true, afterwards: true },
    { status: 429, headers: { 'retry-after': '0' } },
    { status: 500, afterwards: true },
  ];
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) / 0x80_0000;
  };
  fake.strike(() => (random() < 0.05 ? faults[Math.floor(random() * faults.length)] : undefined));
}

// 100 of them, with the real wrangler: npm run soak:instances.
describe('40 instances', () => {
  it('are there after at most two runs of which one request in twenty fails, each once', async () => {
    const repository = instanceRepository({ ...oneWorker, ...instances(40) });
    failOneInTwenty(20_261_121);
    const first = await deployAll(repository);
    expect(first.outcomes).toHaveLength(40);
    const second = failuresOf(first.outcomes).length === 0 ? first : await deployAll(repository);
    expect(failuresOf(second.outcomes)).toEqual([]);
    const each = { databases: 1, namespaces: 40, titles: 40, buckets: 40, workers: 40, rows: 40 };
    expect(held()).toEqual(each);

    fake.strike(undefined);
    const asked = fake.requests.length;
    const last = await deployAll(repository);
    expect(last.outcomes.map(({ result }) => result?.status)).toEqual(
      Array.from({ length: 40 }, () => 'unchanged'),
    );
    expect(
      fake.requests.slice(asked).filter(({ method, path }) => method !== 'GET' && !path.endsWith('/query')),
    ).toEqual([]);
    expect(held()).toEqual(each);
    // 1,200 in five minutes is what an account may ask for, and there may be 100.
    expect(fake.requests.length - asked).toBeLessThan(300);
  }, 240_000);
});

describe('some instances', () => {
  it('are deployed although others fail', async () => {
    const repository = instanceRepository({
      ...oneWorker,
      ...instances(3),
      "instances/x'); DROP TABLE instances; --.json": instanceText({
        instance_id: "x'); DROP TABLE instances; --",
      }),
      'instances/broken.json': '{',
      'instances/notes.txt': 'none',
    });
    fake.fail('POST /accounts/*/r2/buckets', 1, {
      status: 400,
      body: { success: false, errors: [{ code: 10_042, message: 'R2 is not switched on' }] },
    });
    const { outcomes, reporter } = await deployAll(repository);
    expect(outcomes.map(({ file, failure }) => `${file} ${failure?.code ?? 'fine'}`).sort()).toEqual([
      'instances/broken.json CONFIG_INVALID',
      expect.stringMatching(/^instances\/org-\d\.json API_ERROR$/),
      expect.stringMatching(/^instances\/org-\d\.json fine$/),
      expect.stringMatching(/^instances\/org-\d\.json fine$/),
      "instances/x'); DROP TABLE instances; --.json CONFIG_INVALID",
    ]);
    expect(held()).toMatchObject({ workers: 2, rows: 3 });
    expect(reporter.lines.every((line) => /^org-\d: /.test(line))).toBe(true);
    expect(failuresOf((await deployAll(repository)).outcomes).map((line) => line.split(':')[0])).toEqual([
      'instances/broken.json',
      "instances/x'); DROP TABLE instances; --.json",
    ]);
  });

  it('are none where there is no file', async () => {
    await expect(deployAll(instanceRepository(oneWorker))).rejects.toThrow(/has no instances/);
  });
});
