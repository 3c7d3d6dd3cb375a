// An organisation's own copies of the workers, by the form of the workflow, under act.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import { answerOf } from '../support/placed-workers.ts';
import { removeRepositories, temporaryFolder } from '../support/repository.ts';
import { type Shop, starter } from '../support/shop.ts';
import { requireTools } from '../support/tools.ts';
import { jobsOf, openWorkerShop, says, stepOf, testKey, towards } from '../support/worker-shop.ts';

jest.setTimeout(180_000);

const suite = requireTools('act', 'node24');
const workflow = 'launch-deploy-instance.yml';

// What a step prints last is not always in act's log, so that results are looked at, and not messages: the actions' own
// tests have those.

suite('an instance, by its workflow', () => {
  let fake: FakeCloudflare;
  let shop: Shop;

  beforeAll(async () => {
    fake = await startFakeCloudflare();
    shop = openWorkerShop(starter(workflow));
    shop.land({});
  });
  afterEach(() => {
    expect(fake.refused).toEqual([]);
  });
  afterAll(async () => {
    await fake.close();
    removeRepositories();
  });

  const rows = () =>
    [...fake.d1.databases.values()].flatMap(({ sqlite }) =>
      sqlite
        .prepare('SELECT instance_id, org_id, config FROM instances')
        .all()
        .map((row) => ({ ...row, config: JSON.parse(String(row['config'])) as Record<string, unknown> })),
    );
  const start = async (inputs: Record<string, string>, artifacts?: string) =>
    await shop.dispatch(
      workflow,
      {
        'instance-id': 'acme',
        environment: 'staging',
        operation: 'deploy',
        organisation: '',
        confirm: '',
        purge: 'false',
        ...inputs,
      },
      towards(fake, artifacts === undefined ? {} : { artifacts }),
    );
  const jobs = (run: ActResult) => jobsOf(run).map((job) => job.replace(' -', ''));
  const workers = () => [...fake.workers.keys()].sort();

  it.each([
    ['an id that is none', { 'instance-id': '../../etc/passwd' }],
    ['one that is half a command', { 'instance-id': "x'); DROP TABLE instances; --$(touch /tmp/x)" }],
    ['an organisation that is a workflow command', { organisation: 'a%0A::set-output name=x::y' }],
    ['an environment without rules', { organisation: 'org', environment: 'prod' }],
    ['no organisation for a new one', {}],
  ])('refuses %s before it enters an environment', async (_what, inputs) => {
    const run = await start(inputs);
    expect(jobs(run)).toEqual(['notify: success', 'prepare: failure']);
    expect(stepOf(run, 'Read the instance, or write it down')).toBe('failure');
    expect(fake.requests).toEqual([]);
  });

  it('is made from the form, with a file to commit, and verified', async () => {
    const artifacts = temporaryFolder('launch-artifacts-');
    const run = await start({ organisation: 'org_acme' }, artifacts);
    expect(failureOf(run)).toBe('');
    expect(jobs(run)).toEqual(['instance: success', 'prepare: success']);
    expect(workers()).toEqual(['api-acme', 'limiter-acme']);
    expect(await answerOf(fake, 'api-acme')).toBe('api 1');
    expect(rows()).toEqual([
      {
        instance_id: 'acme',
        org_id: 'org_acme',
        config: expect.objectContaining({
          environment: 'staging',
          worker_urls: { limiter: fake.workerUrl('limiter-acme'), api: fake.workerUrl('api-acme') },
        }),
      },
    ]);
    const text = readFileSync(join(artifacts, 'launch-instance-acme/acme.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ instance_id: 'acme', org_id: 'org_acme', environment: 'staging' });
    expect(run.log.replace(/::add-mask::.*/g, '')).not.toMatch(new RegExp(`${fake.token}|${testKey}`));
    shop.land({ 'instances/acme.json': text });
  });

  it('is what its file says, whatever the form says', async () => {
    const before = fake.requests.length;
    const run = await start({ environment: 'development' });
    expect(jobs(run)).toEqual(['notify: success', 'prepare: failure']);
    expect(stepOf(run, 'Read the instance, or write it down')).toBe('failure');
    expect(fake.requests).toHaveLength(before);
  });

  it('has its row and its workers updated when its configuration and their code change', async () => {
    const config = { instance_id: 'acme', org_id: 'org_acme', environment: 'staging' };
    shop.land({
      'instances/acme.json': JSON.stringify({ ...config, rate_limits: { rpm: 77 } }),
      ...says('api', 'api 2'),
    });
    const run = await start({});
    expect(failureOf(run)).toBe('');
    expect(jobs(run)).toEqual(['instance: success', 'prepare: success']);
    expect(rows()[0]?.config).toMatchObject({ rate_limits: { rpm: 77 } });
    expect(await answerOf(fake, 'api-acme')).toBe('api 2');
    const status = await start({ operation: 'status' });
    expect(jobs(status)).toEqual(['instance: success', 'prepare: success']);
  });

  it('is destroyed when its id is typed again, and its row only on request', async () => {
    const unsure = await start({ operation: 'destroy', confirm: 'acne' });
    expect(jobs(unsure)).toEqual(['instance: failure', 'prepare: success']);
    expect(workers()).toEqual(['api-acme', 'limiter-acme']);
    await start({ operation: 'destroy', confirm: 'acme', purge: 'true' });
    expect(workers()).toEqual([]);
    expect(rows()).toEqual([]);
  });
});
