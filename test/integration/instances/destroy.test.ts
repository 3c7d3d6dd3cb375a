import { describe, expect, it } from '@jest/globals';
import { instanceRepository, instanceText, threeWorkers } from '../../support/instance-project.ts';
import { instanceSuite, told } from '../../support/instance-suite.ts';

const suite = instanceSuite();
const files = {
  ...threeWorkers,
  'instances/acme.json': instanceText({ r2_bucket: 'acme-images' }),
};
const held = () => ({
  workers: [...suite.fake.workers.keys()].sort(),
  buckets: [...suite.fake.r2.buckets.keys()],
  namespaces: [...suite.fake.kv.namespaces.values()].map(({ title }) => title),
  rows: [...suite.fake.d1.databases.values()].flatMap(({ sqlite }) =>
    sqlite
      .prepare('SELECT instance_id FROM instances')
      .all()
      .map(({ instance_id }) => instance_id),
  ),
});
const everything = {
  workers: ['config-acme', 'images-acme', 'limiter-acme'],
  buckets: ['acme-images'],
  namespaces: ['config-acme-cache'],
  rows: ['acme'],
};

describe('destroying an instance', () => {
  it('without the id typed again only lists what it would remove', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    const asked = suite.fake.requests.length;
    for (const confirm of [undefined, 'acm', 'ACME', '']) {
      const listed = await suite.destroy(repository, { confirm, purge: true });
      expect(listed).toMatchObject({ status: 'planned', failure: { code: 'CONFIG_INVALID' } });
      expect(listed.failure?.message).toMatch(
        /worker config-acme.*namespace config-acme-cache, bucket acme-images, row acme/,
      );
      expect(told(listed)).toEqual([
        'worker config-acme to delete',
        'worker limiter-acme to delete',
        'worker images-acme to delete',
        'namespace config-acme-cache to delete',
        'bucket acme-images to delete',
        'row acme to delete',
      ]);
    }
    expect(suite.changes(asked)).toEqual([]);
    expect(held()).toEqual(everything);
  });

  it('removes the workers and keeps the data, which a new deployment finds again', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    suite.fake.r2.buckets.get('acme-images')?.objects.set('a/b.png', 'bytes');
    const gone = await suite.destroy(repository, { confirm: 'acme' });
    expect(gone).toMatchObject({ status: 'destroyed', urls: {} });
    expect(held()).toEqual({ ...everything, workers: [] });
    expect(suite.fake.r2.buckets.get('acme-images')?.objects.size).toBe(1);
    expect((await suite.destroy(repository, { confirm: 'acme' })).status).toBe('unchanged');
    expect((await suite.status(repository)).status).toBe('incomplete');
    expect((await suite.deploy(repository)).status).toBe('deployed');
    expect(held()).toEqual(everything);
  });

  it('removes its data with purge, and nothing of any other', async () => {
    const repository = instanceRepository({
      ...files,
      'instances/other.json': instanceText({ instance_id: 'other', org_id: 'other' }),
    });
    await suite.deploy(repository);
    await suite.deploy(repository, 'other');
    suite.fake.r2.buckets.get('acme-images')?.objects.set('a/b.png', 'bytes');
    const gone = await suite.destroy(repository, { confirm: 'acme', purge: true });
    expect(gone.status).toBe('destroyed');
    expect(held()).toEqual({
      workers: ['config-other', 'images-other', 'limiter-other'],
      buckets: ['images-other'],
      namespaces: ['config-other-cache'],
      rows: ['other'],
    });
    expect(suite.fake.d1.databases.size).toBe(1);
    expect((await suite.destroy(repository, { confirm: 'acme', purge: true })).status).toBe('absent');
  });

  it('keeps a bucket that was there before it, and one that another uses', async () => {
    const repository = instanceRepository({
      ...files,
      'instances/other.json': instanceText({
        instance_id: 'other',
        org_id: 'acme-corp',
        r2_bucket: 'shared',
      }),
      'instances/third.json': instanceText({
        instance_id: 'third',
        org_id: 'acme-corp',
        r2_bucket: 'shared',
      }),
    });
    suite.fake.r2.buckets.set('acme-images', { name: 'acme-images', createdOn: '', objects: new Map() });
    for (const id of ['acme', 'other', 'third']) await suite.deploy(repository, id);
    const notes = (result: Awaited<ReturnType<typeof suite.destroy>>) =>
      result.resources.filter(({ state }) => state === 'kept').map(({ name, note }) => `${name}: ${note}`);
    expect(notes(await suite.destroy(repository, { confirm: 'acme', purge: true }))).toEqual([
      'acme-images: it was there before the instance',
    ]);
    expect(notes(await suite.destroy(repository, { id: 'other', confirm: 'other', purge: true }))).toEqual([
      'shared: the instance third uses it, too',
    ]);
    expect(held().buckets).toEqual(['acme-images', 'shared']);
  });

  it('deletes no worker that only sounds like its own', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    const template = suite.fake.workers.get('config-acme');
    if (template === undefined) throw new Error('it is not there');
    const versions = template.versions.map((version) => ({ ...version, bindings: [] }));
    const { workers } = suite.fake as unknown as { workers: Map<string, typeof template> };
    workers.set('hand-made-acme', { ...template, name: 'hand-made-acme', versions });
    await suite.destroy(repository, { confirm: 'acme', purge: true });
    expect(held().workers).toEqual(['hand-made-acme']);
  });

  it('goes on where it was cut off', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    // The first attempt and its three repetitions.
    suite.fake.fail('DELETE /accounts/*/r2/buckets/acme-images', 4, { status: 500 });
    const failed = await suite.destroy(repository, { confirm: 'acme', purge: true });
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'API_ERROR' } });
    expect(held()).toMatchObject({ workers: [], buckets: ['acme-images'], rows: ['acme'] });
    expect(await suite.destroy(repository, { confirm: 'acme', purge: true })).toMatchObject({
      status: 'destroyed',
    });
    expect(held()).toEqual({ workers: [], buckets: [], namespaces: [], rows: [] });
  });

  it('is rehearsed without a change, and needs no file of the instance', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    repository.write({ 'instances/acme.json': null });
    const asked = suite.fake.requests.length;
    const planned = await suite.destroy(repository, { dryRun: true });
    expect(planned).toMatchObject({ status: 'planned', failure: undefined });
    expect(told(planned)).toContain('row acme kept');
    expect(suite.changes(asked)).toEqual([]);
  });
});
