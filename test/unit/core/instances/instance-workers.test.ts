import { describe, expect, it } from '@jest/globals';
import { parseWranglerConfig, workerSettings } from '../../../../src/core/cloudflare/wrangler-config.ts';
import { parseInstance } from '../../../../src/core/instances/instance.ts';
import { overridesFor, wantedResources } from '../../../../src/core/instances/instance-resources.ts';
import {
  copiesByName,
  instanceWorkers,
  type SourceWorker,
} from '../../../../src/core/instances/instance-workers.ts';

const instance = (settings: object = {}) =>
  parseInstance(
    JSON.stringify({ instance_id: 'acme', org_id: 'a', environment: 'production', ...settings }),
    'x.json',
  );

function source(service: string, config: object = {}, more: Partial<SourceWorker> = {}): SourceWorker {
  const file = `services/${service}/wrangler.jsonc`;
  const read = parseWranglerConfig(JSON.stringify({ name: service, ...config }), file);
  return {
    service,
    name: service,
    settings: workerSettings(read),
    deployedAs: [service, `${service}-staging`],
    secrets: [],
    dependsOn: [],
    file,
    ...more,
  };
}

const limiter = source('limiter');
const images = source('images', {
  services: [{ binding: 'LIMITER', service: 'limiter' }],
  r2_buckets: [{ binding: 'IMAGES', bucket_name: 'images' }],
  kv_namespaces: [{ binding: 'IMAGE_CACHE' }],
});
const config = source('config', {
  kv_namespaces: [{ binding: 'CACHE', id: 'abc' }],
  d1_databases: [{ binding: 'DB', database_name: 'multiagent_system' }],
});
const copiesOf = (...sources: SourceWorker[]) => instanceWorkers(instance(), sources).flat();

describe('the workers of an instance', () => {
  it('are copies with names of their own, bound ones first', () => {
    const waves = instanceWorkers(instance(), [images, limiter, config]);
    expect(waves.map((wave) => wave.map(({ copy }) => copy))).toEqual([
      ['config-acme', 'limiter-acme'],
      ['images-acme'],
    ]);
    expect(copiesByName(waves.flat())).toMatchObject({
      limiter: 'limiter-acme',
      'limiter-staging': 'limiter-acme',
    });
  });

  it('are those that the file names', () => {
    expect(instanceWorkers(instance({ workers: ['config'] }), [images, limiter, config]).flat()).toHaveLength(
      1,
    );
    expect(() => instanceWorkers(instance({ workers: ['confg'] }), [config])).toThrow(
      /Did you mean "config"/,
    );
    expect(() => instanceWorkers(instance(), [])).toThrow(/no workers/);
  });

  it('follow depends-on, and may bind themselves', () => {
    const own = source('own', { services: [{ binding: 'SELF', service: 'own' }] }, { dependsOn: ['images'] });
    const waves = instanceWorkers(instance(), [own, images, limiter]);
    expect(waves.map((wave) => wave.map(({ source: { service } }) => service))).toEqual([
      ['limiter'],
      ['images'],
      ['own'],
    ]);
  });

  it('are not bound in a circle', () => {
    const a = source('a', { services: [{ binding: 'B', service: 'b' }] });
    const b = source('b', { services: [{ binding: 'A', service: 'a' }] });
    expect(() => instanceWorkers(instance(), [a, b])).toThrow(/circle/);
  });

  it('never take the name of another worker', () => {
    expect(() => instanceWorkers(instance({ instance_id: 'staging' }), [limiter])).toThrow(
      /would be called "limiter-staging".*another instance id/,
    );
    const other = source('limiter-acme', {}, { deployedAs: ['limiter-acme'] });
    expect(() => instanceWorkers(instance(), [limiter, other])).toThrow(/would be called "limiter-acme"/);
    const [a, twin] = [source('a', {}, { name: 'same' }), source('b', {}, { name: 'same' })];
    expect(() => instanceWorkers(instance(), [a, twin])).toThrow(/would be called "same-acme"/);
  });

  it('have names that Cloudflare takes', () => {
    const long = source('l'.repeat(60));
    expect(() => instanceWorkers(instance(), [long])).toThrow(
      /can't be the name of a worker.*shorter instance id/,
    );
  });
});

describe('the resources of an instance', () => {
  it('are its own bucket and namespaces, and the databases of all', () => {
    const copies = copiesOf(images, limiter, config);
    const wanted = wantedResources(instance(), copies);
    expect(wanted.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'd1 multiagent_system',
      'kv config-acme-cache',
      'kv images-acme-image-cache',
      'r2 images-acme',
    ]);
    const ids = ({ kind, name }: { kind: string; name: string }) => `id of ${kind} ${name}`;
    expect(overridesFor('images-acme', wanted, ids, { limiter: 'limiter-acme' })).toEqual({
      d1: {},
      kv: { IMAGE_CACHE: 'id of kv images-acme-image-cache' },
      r2: { IMAGES: 'images-acme' },
      workers: { limiter: 'limiter-acme' },
    });
    expect(overridesFor('config-acme', wanted, ids, {}).d1).toEqual({
      DB: { id: 'id of d1 multiagent_system', name: 'multiagent_system' },
    });
  });

  it('use the bucket that the file names, also when no worker has one', () => {
    const named = (workers: SourceWorker[]) =>
      wantedResources(instance({ r2_bucket: 'acme-files' }), copiesOf(...workers))
        .filter(({ kind }) => kind === 'r2')
        .map(({ name, uses }) => [name, uses.length]);
    expect(named([images, limiter])).toEqual([['acme-files', 1]]);
    expect(named([limiter])).toEqual([['acme-files', 0]]);
    const two = source('two', { r2_buckets: [{ binding: 'OTHER', bucket_name: 'other' }] });
    expect(() => named([images, limiter, two])).toThrow(
      /several buckets \(other, images\).*other-acme, images-acme/,
    );
  });

  it('leave a database alone whose id is written, and share what the workers share', () => {
    const fixed = source('fixed', {
      d1_databases: [{ binding: 'DB', database_name: 'other', database_id: 'some-id' }],
      kv_namespaces: [{ binding: 'SHARED', id: 'abc' }],
    });
    const wanted = wantedResources(instance(), copiesOf(config, fixed));
    expect(wanted.map(({ kind, name, uses }) => `${kind} ${name} ${uses.length}`)).toEqual([
      'd1 multiagent_system 1',
      'kv config-acme-cache 2',
    ]);
  });
});
