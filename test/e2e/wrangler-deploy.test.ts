// The action wrangler-deploy as it ships, with the real wrangler, against a stand-in for Cloudflare that checks what it
// is sent.
import { afterAll, describe, expect, it } from '@jest/globals';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { removeRepositories } from '../support/repository.ts';
import {
  seedWorker,
  toldBy,
  trafficOf,
  uploadVersion,
  workerAt,
  workerCode,
  workerFiles,
  workerRepository,
  wranglerDeploy,
} from '../support/worker-repository.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

const source = 'services/hello/src/index.ts';
const smoke = { service: 'hello', 'smoke-url': '/' };

describe('wrangler-deploy', () => {
  it('deploys a worker, then nothing, then its next version, each with the right outputs', async () => {
    const repository = workerRepository(
      workerFiles('hello', { text: 'v1', service: ['env: { LEVEL: info }', 'secrets: [API_KEY]'] }),
    );
    const inputs = {
      ...smoke,
      secrets: JSON.stringify({ API_KEY: 'k3y-$HOME-"x"', OTHER: 'not-for-the-worker' }),
      vars: 'REGION=eu west',
    };

    const first = await wranglerDeploy(fake, repository, inputs);
    expect(first).toMatchObject({ exitCode: 0, outputs: { status: 'deployed', 'previous-version-id': '' } });
    const [v1] = workerAt(fake, 'hello').versions;
    expect(first.outputs['version-id']).toBe(v1?.id);
    expect(first.outputs['url']).toBe(fake.workerUrl('hello'));
    expect(JSON.parse(first.outputs['urls'] ?? '')).toEqual({ hello: fake.workerUrl('hello') });
    expect(first.summary).toMatch(/Deployed: hello[\s\S]*only once the new version has the traffic/);
    // Code, variables and secrets are one version.
    expect(v1?.bindings).toEqual(
      expect.arrayContaining([
        { type: 'plain_text', name: 'LEVEL', text: 'info' },
        { type: 'plain_text', name: 'REGION', text: 'eu west' },
        { type: 'secret_text', name: 'API_KEY', text: 'k3y-$HOME-"x"' },
      ]),
    );
    expect(JSON.stringify(v1?.bindings)).not.toMatch(/not-for-the-worker/);
    expect(workerAt(fake, 'hello').versions).toHaveLength(1);

    const asked = fake.requests.length;
    const second = await wranglerDeploy(fake, repository, inputs);
    expect(second).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged', 'version-id': v1?.id } });
    expect(fake.requests.slice(asked).filter(({ method }) => method !== 'GET')).toEqual([]);

    repository.commit({ [source]: workerCode('v2') });
    const third = await wranglerDeploy(fake, repository, { ...inputs, gradual: '10,50,100' });
    const v2 = workerAt(fake, 'hello').versions[1];
    expect(third).toMatchObject({
      exitCode: 0,
      outputs: { status: 'deployed', 'version-id': v2?.id, 'previous-version-id': v1?.id },
    });
    expect(third.summary).toMatch(/before it got traffic/);
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    const steps = workerAt(fake, 'hello')
      .deployments.map(({ versions }) => versions.find(({ version_id }) => version_id === v2?.id)?.percentage)
      .filter((share) => share !== undefined);
    expect(steps).toEqual([100, 100, 50, 10, 0]);
    // Each step was tested with the new version, whatever traffic it had.
    expect(fake.served.slice(-4).map(({ version }) => version)).toEqual(Array(4).fill(v2?.id));
  });

  it('leaves the version before with all of the traffic when the smoke test fails', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const health = ['health: [{ http: /, status: 200, timeout: 1s }]'];
    const repository = workerRepository(
      workerFiles('hello', { text: 'v2 is broken', status: 500, service: health }),
    );
    const run = await wranglerDeploy(fake, repository, { service: 'hello' });
    const v2 = workerAt(fake, 'hello').versions[1]?.id;
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { status: 'rolled-back', 'version-id': v2, 'previous-version-id': v1 },
    });
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        level: 'error',
        title: 'DEPLOY_FAILED',
        message: expect.stringMatching(
          new RegExp(`status 500 instead of .*v2 is broken.*\\(${v1}\\) has all of the traffic`),
        ),
      }),
    );
    expect(run.summary).toMatch(/Taken back: the version before has the traffic/);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
    // It was asked, and never had any traffic.
    expect(fake.served.some(({ version }) => version === v2)).toBe(true);
    const shares = workerAt(fake, 'hello').deployments.flatMap(({ versions }) =>
      versions.filter(({ version_id }) => version_id === v2).map(({ percentage }) => percentage),
    );
    expect(shares).toEqual([0]);
  });

  it('says of a first version that fails its test that there is none to go back to', async () => {
    const health = ['health: [{ http: /, timeout: 1s }]'];
    const repository = workerRepository(workerFiles('hello', { text: 'v1', status: 503, service: health }));
    const run = await wranglerDeploy(fake, repository, { service: 'hello' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(run.annotations.at(-1)?.message).toMatch(
      /first version of the worker: there is none to go back to/,
    );
  });

  it('reports what went live although wrangler failed, and takes it back', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    // Its address is to be switched off, which is wrangler's last call.
    const config = { workers_dev: false, routes: ['example.com/*'] };
    const repository = workerRepository(workerFiles('hello', { text: 'v2', config }));
    fake.fail('POST /accounts/*/workers/scripts/*/subdomain', 100, { status: 503 });
    const run = await wranglerDeploy(fake, repository, { service: 'hello' });
    const v2 = workerAt(fake, 'hello').versions[1]?.id;
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { status: 'rolled-back', 'version-id': v2, 'previous-version-id': v1 },
    });
    expect(toldBy(run)).toMatch(/hello: 100 % .*Routes and schedules of hello/s);
    expect(run.annotations.at(-1)?.message).toMatch(/wrangler failed: .*10013/);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });

  it('goes by what is live when an answer is lost, and waits as long as it is asked to', async () => {
    await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    // Carried out, and the answer says that it was not.
    fake.fail('POST /accounts/*/workers/scripts/*/deployments', 1, { status: 503, afterwards: true }, 1);
    fake.fail('GET /accounts/*/workers/scripts/*/deployments', 1, {
      status: 429,
      headers: { 'retry-after': '1' },
    });
    // Wrangler itself tries this once.
    fake.fail('GET /accounts/*/workers/services/*', 1, { status: 503 });
    const run = await wranglerDeploy(fake, repository, smoke);
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deployed' } });
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    expect(workerAt(fake, 'hello').versions).toHaveLength(2);
    expect(toldBy(run)).toMatch(/Trying again/);
  });

  it('gives up on a request that hangs, with the version before at 100 %', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    fake.fail('POST /accounts/*/workers/scripts/*/versions', 9, { hang: true });
    const run = await wranglerDeploy(fake, repository, { ...smoke, timeout: '3s' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(run.annotations.at(-1)).toMatchObject({
      title: 'TIMEOUT',
      message: expect.stringMatching(
        `Nothing has been changed. The version ${v1} still has all of the traffic`,
      ),
    });
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });

  it('says what can not be taken back over a Durable Object migration', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const objects = {
      durable_objects: { bindings: [{ name: 'COUNTER', class_name: 'Counter' }] },
      migrations: [{ tag: 'm1', new_sqlite_classes: ['Counter'] }],
    };
    const repository = workerRepository({
      ...workerFiles('hello', {
        config: objects,
        service: ['health: [{ http: /, status: 200, timeout: 1s }]'],
      }),
      [source]: `export class Counter {}\n${workerCode('v2', 500)}`,
    });
    const run = await wranglerDeploy(fake, repository, { service: 'hello' });
    const v2 = workerAt(fake, 'hello').versions[1]?.id;
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { status: 'failed', 'version-id': v2, 'previous-version-id': v1 },
    });
    expect(run.annotations.at(-1)).toMatchObject({
      title: 'ROLLBACK_FAILED',
      message: expect.stringMatching(
        /It has all of the traffic.*could not be put back: .*Durable Object migration/,
      ),
    });
    expect(run.summary).toMatch(
      /only once the new version has the traffic&#58; a Durable Object migration goes with it/,
    );
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
  });

  it('runs the hooks of a worker, and takes it back when the last one fails', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const script = (text: string) => ({ executable: `#!/bin/sh\n${text}\n` });
    const repository = workerRepository({
      ...workerFiles('hello', {
        text: 'v2',
        service: ['hooks: { build: ./build.sh, pre-deploy: ./migrate.sh, post-deploy: ./warm.sh }'],
      }),
      'services/hello/build.sh': script('sed -i s/v2/built/ src/index.ts; test -n "$LAUNCH_WORKER"'),
      'services/hello/migrate.sh': script('echo "migrated by ${CLOUDFLARE_API_TOKEN}"'),
      'services/hello/warm.sh': script('echo "too cold"; exit 3'),
    });
    const run = await wranglerDeploy(fake, repository, { service: 'hello' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'rolled-back', 'previous-version-id': v1 } });
    expect(run.annotations.at(-1)?.message).toMatch(/hook post-deploy failed: exit status 3: too cold/);
    expect(toldBy(run)).toMatch(/migrated by \*\*\*[\s\S]*hello: 100 % /);
    expect(workerAt(fake, 'hello').versions[1]?.modules.get('index.js')).toMatch(/built/);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });

    repository.write({ 'services/hello/migrate.sh': script('exit 1') });
    const before = workerAt(fake, 'hello').deployments.length;
    const refused = await wranglerDeploy(fake, repository, { service: 'hello' });
    expect(refused.annotations.at(-1)?.message).toMatch(/hook pre-deploy failed.*Nothing has been changed/);
    expect(workerAt(fake, 'hello').deployments).toHaveLength(before);
  });

  it('refuses a bad token and a missing bucket before anything is changed', async () => {
    await seedWorker(fake, 'hello', 'v1');
    const bucket = { r2_buckets: [{ binding: 'FILES', bucket_name: 'not-there' }] };
    const repository = workerRepository(workerFiles('hello', { text: 'v2', config: bucket }));
    const before = workerAt(fake, 'hello').deployments[0]?.id;

    const badToken = await wranglerDeploy(fake, repository, {
      ...smoke,
      'api-token': 'another-token-0123456789',
    });
    expect(badToken).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'version-id': '' } });
    expect(badToken.annotations.at(-1)).toMatchObject({ title: 'API_AUTH' });
    expect(toldBy(badToken)).not.toMatch(/another-token-0123456789/);

    const noBucket = await wranglerDeploy(fake, repository, smoke);
    expect(noBucket).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(noBucket.annotations.at(-1)).toMatchObject({
      title: 'CONFIG_INVALID',
      file: 'services/hello/wrangler.jsonc',
      message: expect.stringMatching(/no R2 bucket "not-there" \(FILES\).*Nothing has been changed/),
    });
    expect(fake.r2.buckets.size).toBe(0);
    expect(workerAt(fake, 'hello').deployments[0]?.id).toBe(before);
  });

  it('tests at the address of the worker where previews are still on, but not wanted any more', async () => {
    await seedWorker(fake, 'hello', 'v1');
    workerAt(fake, 'hello').subdomain.previews_enabled = true;
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    const run = await wranglerDeploy(fake, repository, smoke);
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deployed' } });
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    expect(workerAt(fake, 'hello').subdomain.previews_enabled).toBe(false);
  });

  it('takes the place of a version that Cloudflare gives no traffic to any more', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const { versions } = workerAt(fake, 'hello');
    for (let number = 0; number < 100; number += 1) await uploadVersion(fake, 'hello', `preview ${number}`);
    expect(versions).toHaveLength(101);
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    const run = await wranglerDeploy(fake, repository, { ...smoke, gradual: '10,100' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deployed', 'previous-version-id': v1 } });
    expect(toldBy(run)).toMatch(/the live version is none of the last 100/);
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
  });

  it('reports two right URLs of two workers in one job', async () => {
    const repository = workerRepository({ ...workerFiles('one'), ...workerFiles('two') });
    const one = await wranglerDeploy(fake, repository, { service: 'one' });
    const two = await wranglerDeploy(fake, repository, { 'working-directory': 'services/two' });
    expect([one.outputs['url'], two.outputs['url']]).toEqual([fake.workerUrl('one'), fake.workerUrl('two')]);
    const urls = { one: fake.workerUrl('one'), two: fake.workerUrl('two') };
    const both = await wranglerDeploy(fake, repository, { service: 'one,two', 'dry-run': 'true' });
    expect(JSON.parse(both.outputs['urls'] ?? '')).toEqual(urls);
    expect(both.outputs['url']).toBe('');
  });
});
