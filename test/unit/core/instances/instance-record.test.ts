import { describe, expect, it } from '@jest/globals';
import { parseInstance } from '../../../../src/core/instances/instance.ts';
import {
  configText,
  type Holdings,
  isSameRecord,
  plannedRecord,
  readRecord,
  withoutWorkers,
  withUrls,
} from '../../../../src/core/instances/instance-record.ts';

const instance = (settings: object = {}) =>
  parseInstance(
    JSON.stringify({
      instance_id: 'acme',
      org_id: 'acme-corp',
      environment: 'production',
      api_keys: { B_KEY: 'ACME_B', A_KEY: 'ACME_A' },
      rate_limits: { rpm: 60 },
      ...settings,
    }),
    'x.json',
  );
const held: Holdings = {
  workers: { images: 'images-acme' },
  namespaces: { 'images-acme-cache': { made: true } },
  buckets: { 'acme-images': { made: false } },
};
const row = (record: ReturnType<typeof plannedRecord>) => ({
  instance_id: record.id,
  org_id: record.organisation,
  name: record.name,
  config: configText(record),
});

describe('the row of an instance', () => {
  it('holds names of secrets, limits, the bucket and what belongs to it', () => {
    const record = plannedRecord(instance(), held, undefined);
    expect(JSON.parse(configText(record))).toEqual({
      environment: 'production',
      api_keys: ['ACME_A', 'ACME_B'],
      rate_limits: { rpm: 60 },
      r2_bucket: 'acme-images',
      worker_urls: {},
      launch: held,
    });
  });

  it('comes back as it was written, and is the same then', () => {
    const record = withUrls(plannedRecord(instance(), held, undefined), { images: 'https://x.example' });
    expect(isSameRecord(readRecord(row(record)), record)).toBe(true);
    expect(isSameRecord(plannedRecord(instance(), held, readRecord(row(record))), record)).toBe(true);
    expect(isSameRecord(record, undefined)).toBe(false);
  });

  it('differs when the file does', () => {
    const before = plannedRecord(instance(), held, undefined);
    for (const change of [{ name: 'New' }, { rate_limits: { rpm: 61 } }, { environment: 'staging' }]) {
      expect(isSameRecord(plannedRecord(instance(change), held, before), before)).toBe(false);
    }
  });

  it('keeps what it does not know, its addresses, and what it held before', () => {
    const before = readRecord({
      instance_id: 'acme',
      org_id: 'acme-corp',
      name: null,
      config: JSON.stringify({
        mine: [1],
        worker_urls: { images: 'https://x.example' },
        launch: { workers: { old: 'old-acme' }, namespaces: {}, buckets: { old: { made: true } } },
      }),
    });
    expect(plannedRecord(instance(), held, before).config).toMatchObject({
      mine: [1],
      worker_urls: { images: 'https://x.example' },
      launch: {
        workers: { old: 'old-acme', images: 'images-acme' },
        buckets: { old: { made: true }, 'acme-images': { made: false } },
      },
    });
  });

  it('keeps the data when the workers are gone', () => {
    const record = withUrls(plannedRecord(instance(), held, undefined), { images: 'https://x.example' });
    expect(withoutWorkers(record).config).toMatchObject({
      worker_urls: {},
      launch: { workers: {}, buckets: held.buckets, namespaces: held.namespaces },
    });
  });

  it.each([
    [{ instance_id: 'acme', org_id: 'a', name: 'x', config: 'no JSON' }],
    [{ instance_id: 'acme', org_id: 'a', name: 'x', config: '[]' }],
    [{ instance_id: 'acme', org_id: 'a', name: 'x', config: '{"worker_urls": "x"}' }],
    [{ instance_id: 7 }],
  ])('is refused where it can not be read: %j', (value) => {
    expect(() => readRecord(value)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('may have been written by somebody else', () => {
    expect(readRecord({ instance_id: 'acme', org_id: 'a', name: null, config: null }).config).toEqual({
      worker_urls: {},
      launch: { workers: {}, namespaces: {}, buckets: {} },
    });
  });
});
