// The action wrangler-deploy as it ships: back to a version of before, and away with a worker. Neither needs wrangler.
import { afterAll, describe, expect, it } from '@jest/globals';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { launch } from '../support/launch-command.ts';
import { removeRepositories } from '../support/repository.ts';
import {
  makeBucket,
  seedWorker,
  setTraffic,
  trafficOf,
  uploadVersion,
  workerAt,
  workerFiles,
  workerRepository,
  wranglerDeploy,
} from '../support/worker-repository.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

const back = { service: 'hello', operation: 'rollback' };

describe('a rollback of a worker', () => {
  it('goes back one version each time, and never flips', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1);
    const v3 = await seedWorker(fake, 'hello', 'v3', v2);
    const repository = workerRepository(workerFiles('hello', { service: ['secrets: [NOT_AT_HAND]'] }));

    const once = await wranglerDeploy(fake, repository, { ...back, 'smoke-url': '/' });
    expect(once).toMatchObject({
      exitCode: 0,
      outputs: {
        status: 'deployed',
        'version-id': v2,
        'previous-version-id': v3,
        url: fake.workerUrl('hello'),
      },
    });
    expect(once.summary).toMatch(/Gone back: hello/);
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    // It was tested before it had the traffic.
    expect(fake.served[0]?.version).toBe(v2);

    const twice = await wranglerDeploy(fake, repository, back);
    expect(twice.outputs).toMatchObject({ status: 'deployed', 'version-id': v1 });
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });

    const further = await wranglerDeploy(fake, repository, back);
    expect(further).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(further.annotations.at(-1)?.message).toMatch(/no version of "hello" before/);

    const named = await wranglerDeploy(fake, repository, { ...back, 'version-id': v3.slice(0, 8) });
    expect(named.outputs).toMatchObject({ status: 'deployed', 'version-id': v3, 'previous-version-id': v1 });
    expect(trafficOf(fake, 'hello')).toEqual({ v3: 100 });
  });

  it('is chosen from a list', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1);
    const repository = workerRepository(workerFiles('hello'));
    const run = await wranglerDeploy(fake, repository, { service: 'hello', operation: 'list' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'listed', 'version-id': '' } });
    expect(run.summary).toMatch(new RegExp(`\\*\\*serves\\*\\* \\| <code>${v2}</code>`));
    expect(run.summary).toMatch(new RegExp(`the one before \\| <code>${v1}</code>`));
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
  });

  it('leaves a version to which a run that was cut off had given a part of the traffic, and no other', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1);
    const v3 = await seedWorker(fake, 'hello', 'v3', v2);
    const repository = workerRepository(workerFiles('hello'));
    const cutOffAt = async (percentage: number) =>
      await setTraffic(
        fake,
        'hello',
        { [v3]: percentage, [v2]: 100 - percentage },
        `Launch, step ${percentage} %, back to ${v2}`,
      );
    for (const named of ['', v2]) {
      await cutOffAt(50);
      const run = await wranglerDeploy(fake, repository, { ...back, 'version-id': named });
      expect(run).toMatchObject({
        exitCode: 0,
        outputs: { status: 'deployed', 'version-id': v2, 'previous-version-id': v3 },
      });
      expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    }
    // Without any traffic it was only tested: what is to be left is the one that has it all.
    await cutOffAt(0);
    await wranglerDeploy(fake, repository, back);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });

  it('leaves the traffic where it is when the old version fails its test', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    await seedWorker(fake, 'hello', 'v2', v1);
    const repository = workerRepository(
      workerFiles('hello', { service: ['health: [{ http: /, body: v2, timeout: 1s }]'] }),
    );
    const run = await wranglerDeploy(fake, repository, back);
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'rolled-back' } });
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
  });

  it('refuses with the reason what Cloudflare can not do, before anything is touched', async () => {
    const bucket = { type: 'r2_bucket', name: 'FILES', bucket_name: 'files' };
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1, { migrations: { new_tag: 'm1', steps: [{}] } });
    const repository = workerRepository(workerFiles('hello'));
    const over = await wranglerDeploy(fake, repository, back);
    expect(over.exitCode).toBe(1);
    expect(over.annotations.at(-1)?.message).toMatch(
      /can't go back .*Durable Object migration \(m1\) has been applied/,
    );

    await makeBucket(fake, 'files');
    const v3 = await seedWorker(fake, 'hello', 'v3', v2, { bindings: [bucket] });
    const v4 = await seedWorker(fake, 'hello', 'v4', v3);
    fake.r2.buckets.clear();
    const gone = await wranglerDeploy(fake, repository, back);
    expect(gone.annotations.at(-1)?.message).toMatch(
      /what it is bound to is gone: FILES \(R2 bucket files\)/,
    );

    let latest = v4;
    for (let count = 0; count < 101; count += 1) latest = await seedWorker(fake, 'hello', `w${count}`, v3);
    const old = await wranglerDeploy(fake, repository, { ...back, 'version-id': v4 });
    expect(old.annotations.at(-1)?.message).toMatch(/keeps the last 100 versions/);
    expect(workerAt(fake, 'hello').deployments[0]?.versions).toEqual([
      { version_id: latest, percentage: 100 },
    ]);
    expect(fake.served).toEqual([]);
  });

  it('brings the secrets of the version back, after a bad deployment and a change of a secret', async () => {
    const secret = (text: string) => ({ bindings: [{ type: 'secret_text', name: 'KEY', text }] });
    const v1 = await seedWorker(fake, 'hello', 'good', undefined, secret('one'));
    await seedWorker(fake, 'hello', 'bad', v1, secret('two'));
    const changed = await fetch(`${fake.url}/accounts/${fake.accountId}/workers/scripts/hello/secrets-bulk`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${fake.token}`,
        'content-type': 'application/merge-patch+json',
      },
      body: JSON.stringify({ secrets: { KEY: { name: 'KEY', type: 'secret_text', text: 'three' } } }),
    });
    expect(changed.ok).toBe(true);
    const repository = workerRepository(workerFiles('hello'));
    const run = await wranglerDeploy(fake, repository, back);
    // Wrangler's own rollback would bring the bad code back, with the secret of before.
    expect(run.outputs).toMatchObject({ status: 'deployed', 'version-id': v1 });
    expect(trafficOf(fake, 'hello')).toEqual({ good: 100 });
  });
});

describe('deleting a worker', () => {
  it('needs its name typed again, and stops where others need it', async () => {
    await seedWorker(fake, 'hello', 'v1');
    await seedWorker(fake, 'web', 'v1', undefined, {
      bindings: [{ type: 'service', name: 'HELLO', service: 'hello' }],
    });
    const repository = workerRepository(workerFiles('hello'));
    const remove = { service: 'hello', operation: 'delete' };
    for (const confirm of ['', 'hell', 'Hello']) {
      const run = await wranglerDeploy(fake, repository, { ...remove, confirm });
      expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
      expect(run.annotations.at(-1)?.message).toMatch(/is not confirmed.*Nothing has been changed/);
    }
    const needed = await wranglerDeploy(fake, repository, { ...remove, confirm: 'hello' });
    expect(needed.annotations.at(-1)?.message).toMatch(/is not deleted: .*web/);
    expect(fake.workers.has('hello')).toBe(true);
    const run = await wranglerDeploy(fake, repository, { ...remove, confirm: 'hello', force: 'true' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deleted' } });
    expect([...fake.workers.keys()]).toEqual(['web']);
    const again = await wranglerDeploy(fake, repository, { ...remove, confirm: 'hello' });
    expect(again.annotations.at(-1)).toMatchObject({ title: 'SERVICE_NOT_FOUND' });
  });
});

describe('launch at a terminal', () => {
  const env = () => ({
    CLOUDFLARE_API_BASE_URL: fake.url,
    CLOUDFLARE_API_TOKEN: fake.token,
    CLOUDFLARE_ACCOUNT_ID: fake.accountId,
  });

  it('lists the versions of a worker, and takes it back', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1);
    const repository = workerRepository(workerFiles('hello'));
    const run = async (...args: string[]) => await launch(args, { cwd: repository.path, env: env() });

    const history = await run('history', 'hello', '--json');
    expect(history.json()).toMatchObject({
      service: 'hello',
      live: v2,
      previous: v1,
      versions: [
        { versionId: v2, by: 'octocat', percentage: 100, number: 2 },
        { versionId: v1, by: 'octocat', number: 1 },
      ],
    });
    const { stdout } = await run('history', 'hello');
    expect(stdout).toMatch(new RegExp(`\\* .*${v2}.* 100 % `));
    expect(stdout).toMatch(new RegExp(`< .*${v1}`));

    const rollback = await run('rollback', 'hello');
    expect(rollback.exitCode).toBe(0);
    expect(rollback.stdout).toMatch(/hello .*deployed/);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
    const further = await run('rollback', 'hello', '--json');
    expect(further.exitCode).toBe(1);
    expect(further.json()).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
    const named = await run('rollback', 'hello', '--to', v2, '--json');
    expect(named.json()).toMatchObject({ status: 'deployed', versionId: v2, previousVersionId: v1 });
    // So many previews were uploaded since that Cloudflare does not list what serves.
    for (let number = 0; number < 100; number += 1) await uploadVersion(fake, 'hello', `preview ${number}`);
    expect((await run('history', 'hello')).stdout).toMatch(`${v2} has the traffic, and is none of the last`);
  });

  it('says who has split the traffic, and leaves it', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const v2 = await seedWorker(fake, 'hello', 'v2', v1);
    await setTraffic(fake, 'hello', { [v2]: 40, [v1]: 60 }, 'by hand');
    const repository = workerRepository(workerFiles('hello'));
    const run = await launch(['rollback', 'hello'], { cwd: repository.path, env: env() });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/split, and not by Launch: 40 % .*, 60 %/);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 60, v2: 40 });
    // Who names the version says what is to become of the split.
    for (const [id, text] of [
      [v1, 'v1'],
      [v2, 'v2'],
    ] as const) {
      await setTraffic(fake, 'hello', { [v2]: 40, [v1]: 60 }, 'by hand');
      const named = await launch(['rollback', 'hello', '--to', id], { cwd: repository.path, env: env() });
      expect(named.exitCode).toBe(0);
      expect(trafficOf(fake, 'hello')).toEqual({ [text]: 100 });
    }
  });
});
